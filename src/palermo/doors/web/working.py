"""The worker of the desks: runs what waits in the background, and takes up what was cut off."""

from django.core.management import call_command

from palermo.doors.web.serving import set_up


def main() -> None:
    """Work until stopped."""
    set_up()
    from palermo.desks.cases.runs import take_up  # noqa: PLC0415  needs Django ready

    take_up()
    call_command("db_worker", verbosity=0, reload=False, interval=0.5)


if __name__ == "__main__":
    main()
