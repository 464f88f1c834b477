package paycortest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// group is one list of a legal entity, which needs one right.
type group struct {
	name     string // as in the path
	right    Right
	pageSize int
	bare     bool // a bare array with all records
	noData   bool // an empty list is a 400 instead of an empty page
}

func groups() []group {
	return []group{
		{name: "employees", right: ViewEmployees, pageSize: 200},
		{name: "departments", right: ViewDepartments, pageSize: 100},
		{name: "jobtitles", right: ViewJobTitles, pageSize: 100, noData: true},
		{name: "paydata", right: ViewPayData, pageSize: 100, noData: true},
		{name: "payGroups", right: ViewPayGroups, bare: true},
		{name: "timeofftypes", right: ViewTimeOffTypes, bare: true},
		{name: "worklocations", right: ViewWorkLocations, pageSize: 100},
		{name: "persons", right: ViewPersons, pageSize: 100},
		{name: "earnings", right: ViewEarnings, bare: true},
		{name: "timeoffaccruals", right: ViewTimeOff, pageSize: 100},
	}
}

// entity finds a legal entity that the token may read with that right, or an
// error.
func (c *call) entity(text string, right Right) (Entity, *answer) {
	refused := func(a answer) (Entity, *answer) { return Entity{}, &a }
	id, err := strconv.ParseInt(text, 10, 32)
	if err != nil || id < 1 {
		return refused(c.paycorError(http.StatusBadRequest, "Bad Request", "The value of legalEntityId is not valid."))
	}
	_, gone := c.fault(EntityNotFound)
	if gone || !c.sim.exists(int(id)) {
		return refused(c.paycorError(http.StatusNotFound, "Not Found",
			fmt.Sprintf("Legal Entity ID %d does not exist or is not in a valid state.", id)))
	}
	covered := c.covered()
	at := slices.IndexFunc(covered, func(e Entity) bool { return e.ID == int(id) })
	if _, hit := c.fault(EntityNotActivated); hit || at < 0 {
		return Entity{}, c.forbidden(fmt.Sprintf("The token does not cover Legal Entity ID %d.", id))
	}
	if _, hit := c.faultFor(RightMissing, right); hit || !slices.Contains(c.grant.scope.Rights, right) {
		return Entity{}, c.forbidden("The token's scope does not include " + string(right) + ".")
	}
	return covered[at], nil
}

func (s *Simulator) exists(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(func(d *Details) bool {
		return slices.ContainsFunc(d.Entities, func(e Entity) bool { return e.ID == id })
	}) != nil
}

// page is Paycor's format of a list; Records is never null.
type page struct {
	HasMoreResults       bool             `json:"hasMoreResults"`
	ContinuationToken    string           `json:"continuationToken"`
	AdditionalResultsURL string           `json:"additionalResultsUrl"`
	Records              []map[string]any `json:"records"`
}

func (g group) list(c *call) answer {
	entity, refusal := c.entity(c.path["id"], g.right)
	if refusal != nil {
		return *refusal
	}
	if _, hit := c.fault(IsLost); hit || entity.Lost {
		return c.paycorError(http.StatusNotFound, "Not Found",
			fmt.Sprintf("Legal Entity ID %d does not exist or is not in a valid state.", entity.ID))
	}
	total := entity.records(g.name)
	if total == 0 && g.noData {
		return c.paycorError(http.StatusBadRequest, "Bad Request",
			fmt.Sprintf("Either Legal Entity ID %d is invalid or has no %s.", entity.ID, g.name))
	}
	if g.bare {
		return jsonAnswer(http.StatusOK, g.records(entity, 0, total))
	}
	from := 0
	if token := c.request.URL.Query().Get("continuationToken"); token != "" {
		var known bool
		if from, known = g.position(entity, token); !known || from > total {
			return c.paycorError(http.StatusBadRequest, "Bad Request", "The continuationToken is not known.")
		}
	}
	to := min(from+g.pageSize, total)
	p := page{Records: g.records(entity, from, to)}
	if to < total {
		p.HasMoreResults = true
		p.ContinuationToken = g.continuation(entity, to)
		p.AdditionalResultsURL = c.request.URL.Path + "?continuationToken=" + p.ContinuationToken
	}
	return jsonAnswer(http.StatusOK, p)
}

// continuation is opaque to clients. It names list and entity, so that a token
// of another list is rejected. Its padding must be escaped in a query.
func (g group) continuation(entity Entity, from int) string {
	return base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%s|%d|%d", g.name, entity.ID, from))
}

func (g group) position(entity Entity, token string) (int, bool) {
	text, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	rest, fits := strings.CutPrefix(string(text), fmt.Sprintf("%s|%d|", g.name, entity.ID))
	from, err := strconv.Atoi(rest)
	return from, fits && err == nil && from >= 0
}

func (g group) records(entity Entity, from, to int) []map[string]any {
	records := []map[string]any{}
	for n := from + 1; n <= to; n++ {
		if g.name == "employees" {
			records = append(records, employee(entity, n))
			continue
		}
		records = append(records, map[string]any{
			"id": n, "name": fmt.Sprintf("%s %d of %s", g.name, n, entity.Name), "legalEntityId": entity.ID,
		})
	}
	return records
}
