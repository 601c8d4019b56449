"""Days that were typed wrongly and are corrected (更正日期): above what every wing keeps, since it reaches through all of it."""
