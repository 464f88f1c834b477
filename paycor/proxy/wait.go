package proxy

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestWait is the longest wait that a caller can ask for: until a minute's calls have
// left the window.
const longestWait = time.Duration(windowBuckets) * bucketWidth

// maxWaitOf returns how long the caller is willing to wait before its call is
// sent: what it says in Prefer: wait=SECONDS (RFC 7240), or the default.
func maxWaitOf(header http.Header, byDefault time.Duration) time.Duration {
	for _, value := range header["Prefer"] {
		for preference := range strings.SplitSeq(value, ",") {
			name, number, _ := strings.Cut(strings.TrimSpace(preference), "=")
			if seconds, err := strconv.ParseUint(strings.Trim(number, `"`), 10, 16); err == nil && strings.EqualFold(name, "wait") {
				wait := time.Duration(seconds) * time.Second
				if wait >= rateWindow {
					return longestWait
				}
				return wait
			}
		}
	}
	return byDefault
}

// retryAfter returns how long Paycor asks to wait, or 0.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if number, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31); err == nil {
		return time.Duration(number) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now := time.Now()
	if sent, err := http.ParseTime(header.Get("Date")); err == nil {
		now = sent // by Paycor's clock, because ours may differ
	}
	return max(0, until.Sub(now))
}
