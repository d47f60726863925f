"""Arabic dates with the month as a word: in digits alone, day and month could be mistaken."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y، H:i"
SHORT_DATETIME_FORMAT = "j F Y، H:i"
TIME_FORMAT = "H:i"
FIRST_DAY_OF_WEEK = 1
