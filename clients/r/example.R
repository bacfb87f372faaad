# Loads the meetings that a filter finds into a data frame, and draws how many there were in each year.
# Needs R 4.1 and the packages httr2 (0.2 or later) and jsonlite. The drawing goes to Rplots.pdf.
# Run: READOUT_SITE=https://example.org Rscript example.R

library(httr2)
library(jsonlite)

site <- Sys.getenv("READOUT_SITE", "http://127.0.0.1:8000")

# One address of the API, tried again when the site asks to slow down or is away for a moment.
read_address <- function(address, ...) {
  request(address) |>
    req_url_query(...) |>
    req_retry(max_tries = 5) |>
    req_error(body = function(response) {
      problem <- resp_body_json(response, check_type = FALSE)
      c(problem$detail, unlist(problem$errors))
    }) |>
    req_perform() |>
    resp_body_string() |>
    fromJSON(simplifyVector = FALSE)
}

# All records of a list, page after page. Filters are those of the site; a filter given twice means either of its values:
# read_list("meetings", mode = "phone", mode = "video").
read_list <- function(records, ...) {
  page <- read_address(paste0(site, "/api/v1/", records, "/"), ..., page_size = 100)
  found <- page$results
  while (!is.null(page[["next"]])) {
    page <- read_address(page[["next"]])
    found <- c(found, page$results)
  }
  found
}

or_na <- function(value) if (is.null(value)) NA_character_ else value

found <- read_list("meetings", from = "2021")
meetings <- data.frame(
  uid = vapply(found, function(one) one$uid, ""),
  title = vapply(found, function(one) one$title, ""),
  earliest = as.Date(vapply(found, function(one) or_na(one$date$earliest), "")),
  latest = as.Date(vapply(found, function(one) or_na(one$date$latest), "")),
  mode = vapply(found, function(one) one$mode, "")
)

# A year counts only where it is certain.
year <- format(meetings$earliest, "%Y")
meetings$year <- ifelse(year == format(meetings$latest, "%Y"), year, NA)

print(head(meetings))
barplot(table(meetings$year), main = "Meetings by year")
