package client

import (
	"bufio"
	"context"
	"encoding/json"
	"strings"
	"time"

	"paycorcred/paycor/events"
)

// Listen reports the server's events until the stream ends. The browser's
// EventSource cannot send an Authorization header, which a frame needs. again
// first reports an empty change, because events may have been missed.
func (c *Client) Listen(ctx context.Context, again bool, report func(events.Change)) error {
	return c.send(ctx, Request{Method: "GET", Path: EventsPath, Wait: time.Hour, Header: map[string]string{"Accept": "text/event-stream"}}, func(response Response) error {
		if again {
			report(events.Change{Missed: true})
		}
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			var change events.Change
			if ok && json.Unmarshal([]byte(data), &change) == nil {
				report(change)
			}
		}
		return lines.Err()
	})
}
