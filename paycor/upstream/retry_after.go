package upstream

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds a plausible wait. A monthly quota is the longest; anything
// beyond it is a mistake.
const maxRetryAfter = 31 * 24 * time.Hour

var (
	secondsPattern = regexp.MustCompile(`(?i)\bin (\d{1,9}) ?s(?:ec|\b)`)
	clockPattern   = regexp.MustCompile(`\bin (?:(\d{1,3})\.)?(\d{1,3}):(\d{2}):(\d{2})\b`)
)

// retryAfter returns how long to wait, from the header (seconds or date) or else from
// the text ("Try again in 17 seconds", "replenished in 01:23:45"), or 0.
func retryAfter(header http.Header, text string, now time.Time) time.Duration {
	wait := retryAfterHeader(header, now)
	if wait <= 0 {
		wait = retryAfterText(text)
	}
	if wait < 0 || wait > maxRetryAfter {
		return 0
	}
	return wait
}

func retryAfterHeader(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
		if !(seconds > 0) || seconds > maxRetryAfter.Seconds() {
			return 0
		}
		return time.Duration(seconds * float64(time.Second))
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	// Compare with the server's own clock if known, because ours may differ.
	if sent, err := http.ParseTime(header.Get("Date")); err == nil {
		now = sent
	}
	return until.Sub(now)
}

func retryAfterText(text string) time.Duration {
	if found := secondsPattern.FindStringSubmatch(text); found != nil {
		return count(found[1]) * time.Second
	}
	if found := clockPattern.FindStringSubmatch(text); found != nil {
		return count(found[1])*24*time.Hour + count(found[2])*time.Hour + count(found[3])*time.Minute + count(found[4])*time.Second
	}
	return 0
}

// count converts matched digits; none are 0.
func count(digits string) time.Duration {
	number, _ := strconv.ParseInt(digits, 10, 32)
	return time.Duration(number)
}
