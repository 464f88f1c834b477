package web

import (
	"html/template"
	"net/http"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
)

const doctorPath = "/embed/doctor"

// doctorPage tells the developer of an embedding site why the frame does not
// work. It needs no sign-in: it shows only what the developer enters and what the
// embedded page itself reveals about the site. It is a plain form, so that it
// also works without WebAssembly, and it cannot be framed.
var doctorPage = template.Must(template.New("doctor").Parse(`<main class="words doctor">
<h1>{{.Say "doctor.title"}}</h1>
<p>{{.Say "doctor.lead"}}</p>
{{- with .Failure}}
<p class="notice bad" role="alert">{{.}}</p>
{{- end}}
{{- with .Results}}
<h2 id="findings">{{$.Say "doctor.findings"}}</h2>
<ul class="findings" aria-labelledby="findings">
{{- range .}}
<li class="finding is-{{.State}}"><strong>{{.Word}}: {{.Name}}</strong><span>{{.Found}}</span>{{with .Fix}}<span>{{.}}</span>{{end}}</li>
{{- end}}
</ul>
{{- end}}
<form method="post" action="/embed/doctor" class="doctor-form">
<div class="field"><label for="host">{{.Say "doctor.host"}}</label><p class="hint" id="host-hint">{{.Say "doctor.host.hint"}}</p>
<input class="input" id="host" name="host" value="{{.Host}}" required aria-describedby="host-hint" autocomplete="off" spellcheck="false"></div>
<div class="field"><label for="origin">{{.Say "doctor.origin"}} <span class="optional">{{.Say "doctor.optional"}}</span></label><p class="hint" id="origin-hint">{{.Say "doctor.origin.hint"}}</p>
<input class="input" id="origin" name="origin" value="{{.Origin}}" aria-describedby="origin-hint" autocomplete="off" spellcheck="false"></div>
<div class="field"><label for="sandbox">{{.Say "doctor.sandbox"}} <span class="optional">{{.Say "doctor.optional"}}</span></label><p class="hint" id="sandbox-hint">{{.Say "doctor.sandbox.hint"}}</p>
<input class="input" id="sandbox" name="sandbox" value="{{.Sandbox}}" aria-describedby="sandbox-hint" autocomplete="off" spellcheck="false"></div>
<div class="field"><label for="referrer">{{.Say "doctor.referrer"}} <span class="optional">{{.Say "doctor.optional"}}</span></label><p class="hint" id="referrer-hint">{{.Say "doctor.referrer.hint"}}</p>
<input class="input" id="referrer" name="referrer" value="{{.Referrer}}" aria-describedby="referrer-hint" autocomplete="off" spellcheck="false"></div>
<div class="field"><label for="policy">{{.Say "doctor.policy"}} <span class="optional">{{.Say "doctor.optional"}}</span></label><p class="hint" id="policy-hint">{{.Say "doctor.policy.hint"}}</p>
<textarea class="input" id="policy" name="policy" rows="3" aria-describedby="policy-hint" autocomplete="off" spellcheck="false">{{.Policy}}</textarea></div>
<div class="field"><label for="appearance">{{.Say "doctor.appearance"}} <span class="optional">{{.Say "doctor.optional"}}</span></label><p class="hint" id="appearance-hint">{{.Say "doctor.appearance.hint"}}</p>
<textarea class="input" id="appearance" name="appearance" rows="3" aria-describedby="appearance-hint" autocomplete="off" spellcheck="false">{{.Appearance}}</textarea></div>
<div class="field"><label for="token">{{.Say "doctor.token"}} <span class="optional">{{.Say "doctor.optional"}}</span></label><p class="hint" id="token-hint">{{.Say "doctor.token.hint"}}</p>
<textarea class="input" id="token" name="token" rows="4" aria-describedby="token-hint" autocomplete="off" spellcheck="false"></textarea></div>
<p><button type="submit" class="button primary"><span>{{.Say "doctor.check"}}</span></button></p>
</form>
</main>`))

// doctorView is the data of doctorPage.
type doctorView struct {
	Language                                *locale.Catalogue
	Host, Origin, Sandbox, Referrer, Policy string
	Appearance                              string
	Failure                                 string
	Results                                 []doctorResult
}

type doctorResult struct {
	embed.CheckResult
	Word, Found, Fix string
}

// Say returns a sentence in the page's language.
func (v doctorView) Say(key string) string { return v.Language.Text(key) }

// doctor serves the form and, if it names a site, the findings. The token is
// accepted by POST only, so that it never appears in an address.
func (h *embedHandlers) doctor(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	if r.Method == http.MethodPost {
		if err := h.auth.sameOrigin(r); err != nil {
			return err
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := r.ParseForm(); err != nil {
			return deny(paycor.KindMalformed, "error.form-unreadable")
		}
		values = r.PostForm
	}
	symptoms := embed.Symptoms{
		Host: values.Get("host"), Origin: values.Get("origin"), Sandbox: values.Get("sandbox"),
		Referrer: values.Get("referrer"), Policy: values.Get("policy"), Appearance: values.Get("appearance"),
		Audience: originOf(r, h.secure),
	}
	if r.Method == http.MethodPost {
		symptoms.Token = paycor.NewSecret(values.Get("token"))
	}
	c := localeOf(r)
	view := doctorView{Language: c, Host: symptoms.Host, Origin: symptoms.Origin, Sandbox: symptoms.Sandbox, Referrer: symptoms.Referrer, Policy: symptoms.Policy, Appearance: symptoms.Appearance}
	if symptoms.Host != "" && h.sites != nil {
		results, err := h.sites.ExamineEmbedding(r.Context(), symptoms)
		if err != nil {
			view.Failure = h.errors.report(r, err).Detail
		}
		for _, result := range results {
			view.Results = append(view.Results, doctorResult{result, c.Text("doctor." + result.State), result.Message.In(c), result.Remedy.In(c)})
		}
	}
	html, err := renderTemplate(doctorPage, view)
	if err != nil {
		return err
	}
	return h.pages.writeHTML(w, r, http.StatusOK, c.Text("doctor.title"), html)
}
