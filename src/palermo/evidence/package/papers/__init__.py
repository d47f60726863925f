"""What people read in a package: the report and the certificate, as HTML that loads nothing."""

from palermo.evidence.package.papers.certificate import Declaration, certificate, gathered
from palermo.evidence.package.papers.report import Language, Report, render_report

__all__ = ["Declaration", "Language", "Report", "certificate", "gathered", "render_report"]
