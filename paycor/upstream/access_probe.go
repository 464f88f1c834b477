package upstream

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"paycorcred/paycor/verdicts"
)

// Probing is bounded in time, because a person may wait for it, and cheap, because
// each call counts toward the key's rate limit.
const (
	probeTime    = 4 * time.Second // for all probes
	probesAtOnce = 4
	probeBody    = 2 << 10 // bytes, enough to tell JSON from a web page; nothing is kept
)

// probePaths are the lists below a legal entity, exactly as in Paycor's
// specification.
var probePaths = map[string]string{
	"employees": "employees", "persons": "persons",
	"departments": "departments", "job_titles": "jobtitles", "work_locations": "worklocations",
	"pay_groups": "payGroups", "pay_data": "paydata", "earnings": "earnings",
	"time_off_types": "timeofftypes", "time_off_accruals": "timeoffaccruals",
}

// DataAccess probes each list that needs a right of its own and reports which can be
// read. It never fails: a list that is throttled, slow or broken is reported as
// unknown, and the first rate limit ends the probing.
func (c *Client) DataAccess(ctx context.Context, call Call, id int32) *verdicts.DataAccess {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	prober := *c
	prober.config.MaxBody = probeBody
	var mu sync.Mutex
	var all sync.WaitGroup
	known := map[string]verdicts.Readable{}
	slots := make(chan struct{}, probesAtOnce)
	for _, name := range verdicts.ListNames() {
		all.Go(func() {
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
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

// probe reads one list once. It also reports whether Paycor throttles.
func (c *Client) probe(ctx context.Context, call Call) (readable verdicts.Readable, limited bool) {
	answer, err := c.get(ctx, call)
	if err == nil {
		if answer.Status == http.StatusNoContent {
			return verdicts.ReadableYes, false
		}
		if isList(answer) {
			return verdicts.ReadableYes, false
		}
		return verdicts.ReadableUnknown, false // a web page, nothing, or something else
	}
	failure, ok := AsFailure(err)
	switch {
	case !ok:
		return verdicts.ReadableUnknown, errors.Is(err, context.Canceled)
	case failure.Code == verdicts.CodeRightMissing:
		return verdicts.ReadableNo, false
	case failure.Code == verdicts.CodeUnexpected && failure.Layer == LayerPaycor && failure.Status == http.StatusBadRequest:
		return verdicts.ReadableYes, false // Paycor's way to say there is no data; a missing right is a 403
	}
	return verdicts.ReadableUnknown, failure.Code.Verdict().Outcome == verdicts.OutcomeThrottled
}

// isList reports whether a success contains a list: a bare one or a page of records.
// Only the beginning of a long body is here; an error is never that long.
func isList(answer Answer) bool {
	body := trimBody(answer.Body)
	switch {
	case len(body) == 0:
		return false
	case answer.Cut || body[0] == '[':
		return body[0] == '[' || body[0] == '{'
	}
	object, ok := parseObject(body)
	return ok && object.Has("records", "hasmoreresults", "continuationtoken", "additionalresultsurl")
}
