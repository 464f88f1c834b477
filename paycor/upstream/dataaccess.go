package upstream

import (
	"context"
	"errors"
	"net/http"
	"paycorcred/paycor/verdicts"
	"strconv"
	"sync"
	"time"
)

// The look at the data is bounded, because a person waits for it, and cheap,
// because each call counts towards the key's thousand a minute.
const (
	probeTime    = 4 * time.Second // for all of it
	probesAtOnce = 4
	probeBody    = 2 << 10 // bytes: enough to tell an answer from a page; nothing of it is kept
)

// probePaths are the lists beneath a legal entity, letter for letter as
// Paycor's specification writes them.
var probePaths = map[string]string{
	"employees": "employees", "persons": "persons",
	"departments": "departments", "job_titles": "jobtitles", "work_locations": "worklocations",
	"pay_groups": "payGroups", "pay_data": "paydata", "earnings": "earnings",
	"time_off_types": "timeofftypes", "time_off_accruals": "timeoffaccruals",
}

// DataAccess asks for a little of each list that a right of its own guards,
// and says which can be read. It never fails: what is throttled, slow or
// broken could not be checked, and after the first word of a limit nothing
// more is asked.
func (c *Client) DataAccess(ctx context.Context, call Call, id int32) *verdicts.DataAccess {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	prober := *c
	prober.config.MaxBody = probeBody
	var mu sync.Mutex
	var all sync.WaitGroup
	known := map[string]verdicts.Readable{}
	places := make(chan struct{}, probesAtOnce)
	for _, name := range verdicts.DataNames() {
		all.Go(func() {
			select {
			case places <- struct{}{}:
				defer func() { <-places }()
			case <-ctx.Done():
				return
			}
			if ctx.Err() != nil {
				return
			}
			one := call
			one.Path = entityPath + strconv.Itoa(int(id)) + "/" + probePaths[name]
			readable, limited := prober.probe(ctx, one)
			if limited {
				cancel()
			}
			mu.Lock()
			defer mu.Unlock()
			known[name] = readable
		})
	}
	all.Wait()
	return verdicts.NewDataAccess(known, c.Now().UTC().Truncate(time.Millisecond))
}

// probe asks for one list, once. It also reports whether Paycor asks to wait.
func (c *Client) probe(ctx context.Context, call Call) (readable verdicts.Readable, limited bool) {
	answer, err := c.get(ctx, call)
	if err == nil {
		if answer.Status == http.StatusNoContent {
			return verdicts.ReadableYes, false
		}
		body := trimBody(answer.Body)
		if len(body) > 0 && (body[0] == '{' || body[0] == '[') {
			return verdicts.ReadableYes, false
		}
		return verdicts.ReadableUnknown, false // a page, or nothing
	}
	failure, ok := AsFailure(err)
	switch {
	case !ok:
		return verdicts.ReadableUnknown, errors.Is(err, context.Canceled)
	case failure.Code == verdicts.CodeRightMissing:
		return verdicts.ReadableNo, false
	case failure.Layer == LayerPaycor && failure.Status == http.StatusBadRequest:
		return verdicts.ReadableYes, false // Paycor's way to say that there is nothing; a missing right is a 403
	}
	return verdicts.ReadableUnknown, failure.Code.Verdict().Outcome == verdicts.OutcomeThrottled
}
