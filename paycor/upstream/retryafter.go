package upstream

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longestWait bounds what is believed of a wait. A monthly quota is the
// longest there is; what is said beyond it is no wait but a mistake.
const longestWait = 31 * 24 * time.Hour

var (
	inSeconds = regexp.MustCompile(`(?i)\bin (\d{1,9}) ?s(?:ec|\b)`)
	inClock   = regexp.MustCompile(`\bin (?:(\d{1,3})\.)?(\d{1,3}):(\d{2}):(\d{2})\b`)
)

// retryAfter reads how long to wait: from the header, in seconds or as a date,
// or else from the text ("Try again in 17 seconds", "replenished in
// 01:23:45"). It is 0 where nothing is said.
func retryAfter(header http.Header, text string, now time.Time) time.Duration {
	wait := headerWait(header, now)
	if wait <= 0 {
		wait = textWait(text)
	}
	if wait < 0 || wait > longestWait {
		return 0
	}
	return wait
}

func headerWait(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
		if !(seconds > 0) || seconds > longestWait.Seconds() {
			return 0
		}
		return time.Duration(seconds * float64(time.Second))
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	// Against the sender's own clock where it is told, because ours may differ.
	if sent, err := http.ParseTime(header.Get("Date")); err == nil {
		now = sent
	}
	return until.Sub(now)
}

func textWait(text string) time.Duration {
	if found := inSeconds.FindStringSubmatch(text); found != nil {
		return count(found[1]) * time.Second
	}
	if found := inClock.FindStringSubmatch(text); found != nil {
		return count(found[1])*24*time.Hour + count(found[2])*time.Hour + count(found[3])*time.Minute + count(found[4])*time.Second
	}
	return 0
}

// count reads digits that a pattern has found; none are 0.
func count(digits string) time.Duration {
	number, _ := strconv.ParseInt(digits, 10, 32)
	return time.Duration(number)
}
