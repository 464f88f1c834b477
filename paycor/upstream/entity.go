package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/redact"
	"paycorcred/paycor/verdicts"
)

const (
	entityListPath = "/v1/legalentities/ActivatedLegalEntityTenantList"
	entityPath     = "/v1/legalentities/"
)

// entities lists the legal entities that the token covers. The call needs no named
// right, so it is the best test of key and token together.
func (c *Client) entities(ctx context.Context, call Call) ([]verdicts.LegalEntity, error) {
	call.Path = entityListPath
	answer, err := c.getJSON(ctx, call)
	if err != nil {
		return nil, err
	}
	entities, code := parseEntities(answer.Body)
	if code != "" {
		return nil, &Failure{Code: code, Status: answer.Status, Layer: LayerPaycor}
	}
	return entities, nil
}

// getJSON is Get, retried once if only part of the body arrived.
func (c *Client) getJSON(ctx context.Context, call Call) (Answer, error) {
	for again := true; ; again = false {
		answer, err := c.Get(ctx, call)
		if err != nil {
			return answer, err
		}
		code := checkBody(answer)
		if code == "" {
			return answer, nil
		}
		if code != verdicts.CodeTruncated || !again || !wait(ctx, c.config.RetryPause) {
			return answer, &Failure{Code: code, Status: answer.Status}
		}
	}
}

// checkBody returns "" for a body of JSON of any kind.
func checkBody(answer Answer) verdicts.Code {
	body := trimBody(answer.Body)
	switch {
	case len(body) == 0:
		return verdicts.CodeEmpty
	case isHTML(body):
		return verdicts.CodeCaptivePortal
	case answer.Cut:
		return verdicts.CodeUnexpected
	}
	return checkJSON(body)
}

// maxRows bounds how many rows of a list are read. A legal entity beyond them is
// still verified by a call of its own.
const maxRows = 20_000

// parseEntities reads {"userLegalEntities":[…]} or a bare list. Rows without a
// valid ID are skipped.
func parseEntities(body []byte) ([]verdicts.LegalEntity, verdicts.Code) {
	list := json.RawMessage(trimBody(body))
	if object, ok := parseObject(body); ok {
		list = rows(object)
	}
	decoder := json.NewDecoder(bytes.NewReader(list))
	if token, err := decoder.Token(); err != nil || token != json.Delim('[') {
		return nil, verdicts.CodeUnexpected
	}
	entities := []verdicts.LegalEntity{}
	for rows := 0; rows < maxRows && decoder.More(); rows++ {
		var row json.RawMessage
		if decoder.Decode(&row) != nil {
			return nil, verdicts.CodeUnexpected
		}
		object, _ := parseObject(row)
		id, err := paycor.TypedID(object.Text("legalentityid", "clientid", "id")).LegalEntityID()
		if err != nil {
			continue
		}
		tenant, _ := paycor.TypedID(object.Text("tenantid", "companyid")).LegalEntityID()
		entities = append(entities, verdicts.LegalEntity{ID: id, TenantID: tenant})
	}
	return entities, ""
}

// rows returns the list in an object, under Paycor's name for it or under the name
// that paged results use.
func rows(object Object) json.RawMessage {
	for _, name := range []string{"userlegalentities", "legalentities", "records"} {
		if object[name] != nil {
			return object[name]
		}
	}
	return nil
}

// entity is what Paycor says about one legal entity.
type entity struct {
	verdicts.LegalEntity
	identified bool // the answer contains the ID
	lost       bool // no longer a customer of Paycor
}

// legalEntity reads one legal entity.
func (c *Client) legalEntity(ctx context.Context, call Call, id int32) (entity, error) {
	call.Path = entityPath + strconv.Itoa(int(id))
	answer, err := c.getJSON(ctx, call)
	if err != nil {
		return entity{}, err
	}
	object, ok := parseObject(trimBody(answer.Body))
	unexpected := &Failure{Code: verdicts.CodeUnexpected, Status: http.StatusOK, Layer: LayerPaycor}
	if !ok {
		return entity{}, unexpected
	}
	// A company may be named after the person in the token, so only the whole
	// phrases are redacted here, not the single words.
	redactor := redact.New(append(personalPhrases(payloadOf(call.Token.Reveal())), call.SubscriptionKey, call.ClientSecret, call.Token)...)
	name := redactor.Redact(object.Text("name"))
	found := entity{LegalEntity: verdicts.LegalEntity{ID: id, Name: name}}
	if said := object.Text("id", "legalentityid"); said != "" {
		if said != strconv.Itoa(int(id)) {
			return entity{}, unexpected
		}
		found.identified = true
	}
	if tenant, ok := parseObject(object["tenant"]); ok {
		found.TenantID, _ = paycor.TypedID(tenant.Text("id")).LegalEntityID()
	}
	left := object.Text("islost")
	found.lost = string(object["islost"]) == "true" || strings.EqualFold(left, "true") || left == "1"
	return found, nil
}
