package app

import (
	"strconv"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// renderDataAccess is the table of what a credential can read.
func renderDataAccess(credential paycor.Credential, now time.Time) any {
	if credential.Settled == nil || credential.Settled.DataAccess == nil {
		return nil
	}
	access := credential.Settled.DataAccess
	rows := []any{}
	for _, group := range access.Groups {
		for i, datum := range group.Data {
			cells := []any{}
			if i == 0 {
				cells = append(cells, el("th", at("scope", "rowgroup"), at("rowspan", strconv.Itoa(len(group.Data))), say("access."+string(group.Group))))
			}
			how := string(datum.Readable)
			cells = append(cells,
				el("th", at("scope", "row"), say("data."+datum.Name)),
				el("td", el("span", class("tick", "is-"+how), icon("tick-"+how), el("span", say("data-access."+how)))))
			rows = append(rows, el("tr", cells...))
		}
	}
	parts := []any{class("data-access"),
		el("table", el("caption", say("data-access")),
			el("thead", el("tr",
				el("th", at("scope", "col"), say("data-access.group")), el("th", at("scope", "col"), say("data-access.list")),
				el("th", at("scope", "col"), say("data-access.readable")))),
			el("tbody", rows...)),
	}
	if access.Missing() {
		parts = append(parts, el("p", class("muted", "small"), say("data-access.missing")))
	}
	return el("div", append(parts, el("p", class("muted", "small"), say("data-access.checked"), moment(ago(access.CheckedAt, now), access.CheckedAt)))...)
}

// renderCovered names the legal entities that the application does cover,
// where the one that was entered is at fault.
func renderCovered(credential paycor.Credential) goapp.UI {
	verdict := credential.Verdict
	if verdict.Outcome != paycor.OutcomeRejected || len(verdict.Entities) == 0 || len(verdict.Fields) != 1 || verdict.Fields[0] != paycor.FieldLegalEntityID {
		return el("div", class("slot"))
	}
	items := []any{class("covered")}
	for _, entity := range verdict.Entities[:min(len(verdict.Entities), 20)] {
		name := entity.Name
		if name == "" {
			name = say("find.nameless")
		}
		items = append(items, el("li", el("span", name), " ", el("code", strconv.Itoa(int(entity.ID)))))
	}
	return el("div", el("p", say("covered")), el("ul", items...))
}
