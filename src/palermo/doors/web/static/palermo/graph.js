// Draws a network. What is drawn comes from the server; the tables on the page say the same and
// are the way for a keyboard and a screen reader. The same data gives the same picture: nodes start
// on a spiral in the order in which they came, and nothing is left to chance.
"use strict";

(() => {
  const frame = document.getElementById("graph");
  if (!frame || typeof cytoscape !== "function") return;

  // The library would add a style element, which the page's security policy forbids; it does not
  // where an element of this name exists. The frame has the one rule that it needs.
  const taken = document.createElement("meta");
  taken.id = "__________cytoscape_stylesheet";
  document.head.append(taken);

  const SHAPES = { campaign: "rectangle", account: "ellipse", item: "triangle" };
  const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
  let place = 0;

  const token = (name, otherwise) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;

  const look = () => [
    {
      selector: "node",
      style: {
        // A picture full of words shows nothing: the largest nodes are named, others when marked.
        label: (node) => (node.data("named") || node.hasClass("named") ? node.data("label") : ""),
        shape: (node) => SHAPES[node.data("kind")] || "diamond",
        width: (node) => 14 + 7 * Math.log2(1 + node.data("items")),
        height: (node) => 14 + 7 * Math.log2(1 + node.data("items")),
        "background-color": (node) =>
          node.data("kind") === "campaign" ? token("--campaign", "#1b5c9e")
            : node.data("kind") === "account" ? token("--account", "#1f6f50")
              : node.data("kind") === "item" ? token("--edge", "#767f8a")
                : token("--slot", "#6b4d00"),
        color: token("--ink", "#1b2026"),
        "font-size": 11,
        "min-zoomed-font-size": 8,
        "text-valign": "bottom",
        "text-margin-y": 3,
        "text-max-width": 140,
        "text-wrap": "ellipsis",
        "text-background-color": token("--paper", "#ffffff"),
        "text-background-opacity": 0.7,
      },
    },
    {
      selector: "edge",
      style: {
        width: (edge) => 1 + Math.log2(edge.data("items")),
        "line-color": token("--edge", "#767f8a"),
        opacity: 0.55,
        "curve-style": "haystack",
      },
    },
    { selector: ".faded", style: { opacity: 0.15 } },
    { selector: "node:selected", style: { "border-width": 4, "border-color": token("--bad", "#9b1c1c") } },
  ];

  const cy = cytoscape({
    container: frame,
    style: look(),
    userZoomingEnabled: false, // the wheel scrolls the page; buttons zoom
    boxSelectionEnabled: false,
    autoungrabify: false,
  });

  const start = () => {
    const far = 34 * Math.sqrt(place + 0.5);
    const at = { x: far * Math.cos(place * GOLDEN_ANGLE), y: far * Math.sin(place * GOLDEN_ANGLE) };
    place += 1;
    return at;
  };

  const add = (data) => {
    const known = new Set(cy.nodes().map((node) => node.id()));
    const fresh = data.nodes.filter((node) => !known.has(node.id));
    cy.add(
      fresh.map((node, rank) => ({
        group: "nodes", data: { ...node, named: rank < 24 || known.size > 0 }, position: start(),
      })),
    );
    const ties = data.ties.map((tie) => ({ ...tie, id: `${tie.source}-${tie.target}` }));
    cy.add(
      ties
        .filter((tie) => !cy.getElementById(tie.id).length && !cy.getElementById(`${tie.target}-${tie.source}`).length)
        .map((tie) => ({ group: "edges", data: tie })),
    );
    cy.layout({
      name: "cose",
      randomize: false,
      animate: false,
      fit: true,
      padding: 24,
      nodeDimensionsIncludeLabels: false,
      idealEdgeLength: () => 110,
      nodeRepulsion: () => 60000,
      gravity: 0.6,
      numIter: cy.nodes().length > 400 ? 250 : 600,
    }).run();
  };

  const say = (data) => {
    const line = document.getElementById("graph-shown");
    if (!line || !line.dataset.said) return;
    line.textContent = line.dataset.said
      .replace("%n", cy.nodes().length).replace("%m", Math.max(data.of.nodes, cy.nodes().length))
      .replace("%t", cy.edges().length).replace("%u", Math.max(data.of.ties, cy.edges().length));
  };

  let whole = { of: { nodes: 0, ties: 0 } };
  const ask = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || !answer.headers.get("Content-Type").startsWith("application/json")) {
      window.location.reload(); // the session was locked, or the case shut
      return null;
    }
    return answer.json();
  };

  const fade = (node) => {
    cy.elements().addClass("faded").removeClass("named");
    node.closedNeighborhood().removeClass("faded").addClass("named");
  };

  cy.on("tap", (event) => {
    if (event.target === cy) cy.elements().removeClass("faded named");
  });
  cy.on("tap", "node", async (event) => {
    const node = event.target;
    const again = node.scratch("_marked");
    cy.nodes().forEach((one) => one.scratch("_marked", one.same(node)));
    if (again && node.id().startsWith("n")) {
      const data = await ask(`${frame.dataset.more}?around=${node.id().slice(1)}`);
      if (data) {
        add(data);
        say(whole);
      }
    }
    fade(node);
  });

  const zoom = (by) => cy.zoom({ level: cy.zoom() * by, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  const acts = { in: () => zoom(1.3), out: () => zoom(1 / 1.3), fit: () => cy.fit(undefined, 24) };
  const tools = document.getElementById("graph-tools");
  if (tools) {
    tools.hidden = false;
    tools.addEventListener("click", (event) => {
      const act = acts[event.target.dataset.graph];
      if (act) act();
    });
  }

  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    window.matchMedia(query).addEventListener("change", () => cy.style(look()));
  }

  ask(frame.dataset.graph).then((data) => {
    if (!data) return;
    whole = data;
    add(data);
    say(data);
    frame.dataset.drawn = String(cy.nodes().length);
  });
})();
