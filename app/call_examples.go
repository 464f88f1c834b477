package app

import (
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// callExamples says how programs use a credential, with commands to copy.
type callExamples struct{ detail *detailPage }

// render says how a program calls Paycor with this credential. The commands
// name a variable for the API token and never contain one.
func (e callExamples) render() goapp.UI {
	server := e.detail.page.document.Origin()
	if server == "" {
		server = "$SERVER"
	}
	address := server + client.CredentialsPath + "/" + e.detail.credential.ID
	call := address + "/paycor/v1/legalentities/" + strconv.Itoa(int(e.detail.credential.LegalEntityID))
	return dom.El("section", dom.Class("card"), dom.Attr("aria-labelledby", "call"),
		dom.El("h2", dom.Attr("id", "call"), e.detail.page.say("detail.call")),
		dom.El("p", e.detail.page.say("detail.call-words")),
		dom.Slot(e.renderScope()),
		dom.El("p", dom.El("span", e.detail.page.say("detail.call-rights")+" "), e.renderTokenLink()),
		e.renderCommand("copy-curl", e.detail.page.say("detail.call-curl"), "curl -i -H \"Authorization: Bearer $TOKEN\" \\\n  "+call),
		e.renderCommand("copy-go", e.detail.page.say("detail.call-go"), goExample(call)),
		e.renderCommand("copy-verify", e.detail.page.say("detail.call-verify"), "curl -X POST -H \"Authorization: Bearer $TOKEN\" \\\n  "+address+"/verify"),
	)
}

// renderScope says that calls are not limited to one legal entity, if
// Paycor lists several. A person who issues a token needs to know.
func (e callExamples) renderScope() any {
	verdict := e.detail.credential.LastConclusive
	if verdict == nil || len(verdict.Entities) < 2 {
		return nil
	}
	return dom.El("p", e.detail.page.say("detail.call-reach", len(verdict.Entities), int(e.detail.credential.LegalEntityID)))
}

// renderTokenLink says where to get a token. In a frame there is no link to
// another page.
func (e callExamples) renderTokenLink() goapp.UI {
	if e.detail.page.can(paycor.RightAdmin) && !e.detail.page.embedded() {
		return dom.El("a", dom.Attr("href", api.PathConsumers), e.detail.page.say("detail.call-token"))
	}
	return dom.El("span", e.detail.page.say("detail.call-ask"))
}

func (e callExamples) renderCommand(id, what, command string) goapp.UI {
	return dom.El("div", dom.Class("command"),
		dom.El("div", dom.Class("command-head"), dom.El("h3", what), e.detail.page.copyButton(id, what, command)),
		dom.El("pre", dom.Attr("tabindex", "0"), dom.Attr("role", "group"), dom.Attr("aria-label", what), command),
	)
}

// goExample returns a call in Go, as the body of a function that returns an error.
func goExample(address string) string {
	return "request, err := http.NewRequest(\"GET\",\n\t\"" + address + "\", nil)\n" +
		"if err != nil {\n\treturn err\n}\n" +
		"request.Header.Set(\"Authorization\", \"Bearer \"+os.Getenv(\"TOKEN\"))\n" +
		"response, err := http.DefaultClient.Do(request)\n" +
		"if err != nil {\n\treturn err\n}\n" +
		"defer response.Body.Close()\n" +
		"if response.StatusCode >= 400 {\n\treturn fmt.Errorf(\"%s %s\", response.Status, response.Header.Get(\"Paycorcred-Error\"))\n}\n" +
		"_, err = io.Copy(os.Stdout, response.Body)\n" +
		"return err"
}
