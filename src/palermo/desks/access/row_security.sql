-- What the session was told: whose look it is, as of when, and which case it works for.
-- Nothing told is nobody; nonsense is an error, and shows nothing either.
CREATE OR REPLACE FUNCTION palermo_person() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT NULLIF(current_setting('palermo.person', true), '')::bigint
$$;
CREATE OR REPLACE FUNCTION palermo_at() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT NULLIF(current_setting('palermo.at', true), '')::timestamptz
$$;
CREATE OR REPLACE FUNCTION palermo_token() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT NULLIF(current_setting('palermo.token', true), '')::bigint
$$;
CREATE OR REPLACE FUNCTION palermo_background() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT NULLIF(current_setting('palermo.case', true), '')
$$;

-- Whether a token of the API holds, and its owner's account does.
CREATE OR REPLACE FUNCTION palermo_token_holds(token bigint, person bigint, moment timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM access_apitoken t
        JOIN access_person p ON p.id = t.person_id AND p.is_active
        WHERE t.id = token AND t.person_id = person AND t.revoked_at IS NULL
            AND t.made_at <= moment AND t.ends > moment)
$$;

-- The cases whose contents `person` may look at, as `visible_cases(viewer, 'read')` says.
-- plpgsql, because it keeps its plan for the session. The path of names is kept from when the function
-- was made: pg_dump empties it, and others might plant tables of the same name in theirs.
CREATE OR REPLACE FUNCTION palermo_readable() RETURNS bigint[] LANGUAGE plpgsql STABLE
    SET search_path FROM CURRENT AS $$
DECLARE
    person CONSTANT bigint := palermo_person();
    moment CONSTANT timestamptz := palermo_at();
    token CONSTANT bigint := palermo_token();
    working CONSTANT text := palermo_background();
BEGIN
    IF working = 'every' THEN
        RETURN ARRAY(SELECT id FROM access_case);
    ELSIF working IS NOT NULL THEN
        RETURN ARRAY[working::bigint];
    ELSIF person IS NULL OR moment IS NULL THEN
        RETURN '{}'::bigint[];
    ELSIF token IS NOT NULL AND NOT palermo_token_holds(token, person, moment) THEN
        RETURN '{}'::bigint[];
    END IF;
    RETURN ARRAY(
        SELECT found.case_id FROM (
            SELECT o.case_id
            FROM access_opening o
            JOIN access_mandate a ON a.id = o.mandate_id AND a.case_id = o.case_id
            WHERE o.person_id = person AND o.token_id IS NOT DISTINCT FROM token
                AND o.closed_at IS NULL
                AND o.opened_at <= moment AND o.ends > moment
                AND a.withdrawn_at IS NULL AND a.begins <= moment AND a.ends > moment
                AND EXISTS (
                    SELECT FROM access_membership m
                    WHERE m.person_id = person AND m.case_id = o.case_id
                        AND m.role = ANY ({{reading}})
                        AND m.since <= moment AND (m.until IS NULL OR m.until > moment))
            UNION
            SELECT e.case_id
            FROM access_emergency e
            WHERE token IS NULL AND e.person_id = person AND e.agreed AND e.case_id IS NOT NULL
                AND e.answered_at <= moment
                AND e.answered_at > moment - interval '{{minutes}} minutes'
                AND e.ends > moment
        ) found
        WHERE NOT EXISTS (
            SELECT FROM access_conflict c
            WHERE c.person_id = person AND c.case_id = found.case_id AND c.lifted_at IS NULL)
    );
END
$$;

-- The open cases into which `person` may write: no emergency gives that, nor does looking alone.
CREATE OR REPLACE FUNCTION palermo_workable() RETURNS bigint[] LANGUAGE plpgsql STABLE
    SET search_path FROM CURRENT AS $$
DECLARE
    person CONSTANT bigint := palermo_person();
    moment CONSTANT timestamptz := palermo_at();
    token CONSTANT bigint := palermo_token();
    working CONSTANT text := palermo_background();
BEGIN
    IF working = 'every' THEN
        RETURN ARRAY(SELECT id FROM access_case);
    ELSIF working IS NOT NULL THEN
        RETURN ARRAY[working::bigint];
    ELSIF person IS NULL OR moment IS NULL THEN
        RETURN '{}'::bigint[];
    ELSIF token IS NOT NULL AND NOT palermo_token_holds(token, person, moment) THEN
        RETURN '{}'::bigint[];
    END IF;
    RETURN ARRAY(
        SELECT o.case_id
        FROM access_opening o
        JOIN access_mandate a ON a.id = o.mandate_id AND a.case_id = o.case_id
        JOIN access_case k ON k.id = o.case_id AND k.status = 'open'
        WHERE o.person_id = person AND o.token_id IS NOT DISTINCT FROM token
            AND o.closed_at IS NULL
            AND o.opened_at <= moment AND o.ends > moment
            AND a.withdrawn_at IS NULL AND a.begins <= moment AND a.ends > moment
            AND EXISTS (
                SELECT FROM access_membership m
                WHERE m.person_id = person AND m.case_id = o.case_id
                    AND m.role = ANY ({{working}})
                    AND m.since <= moment AND (m.until IS NULL OR m.until > moment))
            AND NOT EXISTS (
                SELECT FROM access_conflict c
                WHERE c.person_id = person AND c.case_id = o.case_id AND c.lifted_at IS NULL)
    );
END
$$;
