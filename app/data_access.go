package app

import (
	"strconv"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// deniedText names the Data Access groups that Paycor denies, if it denies most of what
// was tried; "" otherwise.
func deniedText(w words, c paycor.Credential) string {
	known := c.LastConclusive
	if known == nil || known.Outcome != verdicts.OutcomeVerified || known.DataAccess == nil || !known.DataAccess.MostlyDenied() {
		return ""
	}
	var labels []string
	for _, group := range known.DataAccess.DeniedGroups() {
		labels = append(labels, w.say("access."+string(group)))
	}
	most, groups := w.say("denied.most"), w.say("denied.groups", strings.Join(labels, ", "))
	switch {
	case known.Code == verdicts.CodeVerifiedNoAccess:
		return groups
	case labels != nil && 2*len(labels) <= len(known.DataAccess.Groups): // beside two of four names, "most" reads as wrong
		return groups
	case labels == nil:
		return most
	}
	return w.say("list.sentences", most, groups)
}

// renderDataAccess renders a table of what the credential can read.
func renderDataAccess(w words, credential paycor.Credential, now time.Time) any {
	if credential.LastConclusive == nil || credential.LastConclusive.DataAccess == nil {
		return nil
	}
	access := credential.LastConclusive.DataAccess
	rows := []any{}
	for _, group := range access.Groups {
		for i, datum := range group.Data {
			cells := []any{}
			if i == 0 {
				cells = append(cells, dom.El("th", dom.Attr("scope", "rowgroup"), dom.Attr("rowspan", strconv.Itoa(len(group.Data))), w.say("access."+string(group.Group))))
			}
			how := string(datum.Readable)
			cells = append(cells,
				dom.El("th", dom.Attr("scope", "row"), w.say("data."+datum.Name)),
				dom.El("td", dom.El("span", dom.Class("tick", "is-"+how), dom.Icon("tick-"+how), dom.El("span", w.say("data-access."+how)))))
			rows = append(rows, dom.El("tr", cells...))
		}
	}
	parts := []any{dom.Class("data-access"),
		dom.El("table", dom.El("caption", w.say("data-access")),
			dom.El("thead", dom.El("tr",
				dom.El("th", dom.Attr("scope", "col"), w.say("data-access.group")), dom.El("th", dom.Attr("scope", "col"), w.say("data-access.list")),
				dom.El("th", dom.Attr("scope", "col"), w.say("data-access.readable")))),
			dom.El("tbody", rows...)),
	}
	if access.Missing() {
		parts = append(parts, dom.El("p", dom.Class("muted", "small"), w.say("data-access.missing")))
	}
	return dom.El("div", append(parts, dom.El("p", dom.Class("muted", "small"), w.say("data-access.checked"), w.pastTime(access.CheckedAt, now)))...)
}

// renderEntityList names legal entities.
func renderEntityList(w words, entities []verdicts.LegalEntity) goapp.UI {
	items := []any{dom.Class("covered")}
	for _, entity := range entities {
		name := entity.Name
		if name == "" {
			name = w.say("find.nameless")
		}
		items = append(items, dom.El("li", dom.El("span", name), " ", dom.El("code", strconv.Itoa(int(entity.ID)))))
	}
	return dom.El("ul", items...)
}
