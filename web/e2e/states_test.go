package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// everyState saves a credential in each state, and returns them by state.
func everyState(t testing.TB, p *program) map[paycor.State]paycor.Credential {
	t.Helper()
	bakery, harbor := sample(t, paycortest.SunriseBakery).body(t), sample(t, paycortest.HarborLogistics).body(t)
	states := map[paycor.State]paycor.Credential{}
	keep := func(credential paycor.Credential) { states[credential.State] = credential }
	keep(p.save(bakery.with("description", "Nightly employee export to the warehouse. Data from the day before is enough."), ""))
	keep(p.save(harbor.with("description", "Pay statements for the driver app, every hour."), ""))
	keep(p.save(bakery.with("name", "Old payroll key").with("description", "Replaced in spring; kept until the audit is over.").
		with("client_secret", "simulator/secret+of/Nobody+at+all/000000001"), ""))
	keep(p.save(bakery.with("name", "Test kitchen").with("description", "").with("legal_entity_id", 501124), "?verify=false"))
	away := p.save(bakery.with("name", "Café timesheets").with("description", "Punches and schedules, every ten minutes.").with("legal_entity_id", 501124), "")
	p.addFault(fault{Kind: paycortest.ServerError, Status: 503})
	p.api("POST", "/credentials/"+away.ID+"/verify", nil)
	p.clearFaults()
	var now paycor.Credential
	p.api("GET", "/credentials/"+away.ID, nil).into(t, &now)
	keep(now)
	for _, state := range []paycor.State{paycor.StateVerified, paycor.StateNeedsActivation, paycor.StateRejected, paycor.StateNotVerified, paycor.StateNotReachable} {
		require.Contains(t, states, state)
	}
	return states
}

// scene is a state of the screen and the steps that lead to it.
type scene struct {
	name string
	set  func(b *tab)
}

// sceneGroups are all states of the screen, grouped by part of the product.
// Within a group, each scene starts where the previous one ended. Groups depend
// only on what everyState saved, so they run in parallel.
func sceneGroups(p *program, states map[paycor.State]paycor.Credential) map[string][]scene {
	verified := states[paycor.StateVerified]
	return map[string][]scene{
		"list and overlay":  overlayScenes(p),
		"credential pages":  append(credentialScenes(states), consumerScenes(p, verified)...),
		"navigation":        navigationScenes(verified),
		"edit and rotation": dialogScenes(p, verified),
		"statements":        statementScenes(p, states),
		"list of a fleet":   listScenes(p),
	}
}

// openCredential opens a credential's detail page.
func openCredential(credential paycor.Credential) func(*tab) {
	return func(b *tab) { b.visit("/credentials/" + credential.ID) }
}

// overlayScenes are the list and the overlay that adds a credential.
func overlayScenes(p *program) []scene {
	bakery := sample(p.t, paycortest.SunriseBakery)
	overlay := func(b *tab) {
		b.visit("/")
		b.press("button", say("add"))
		b.get("dialog", say("add.title"))
	}
	return []scene{
		{"tiles of every state", func(b *tab) { b.signIn(); b.get("radio", "~"+say("state.outage.error")) }},
		{"a tile selected", func(b *tab) { b.press("radio", "~"+say("state.not_verified")); b.seesText("Selected: Test kitchen") }},
		{"search without hits", func(b *tab) {
			b.press("searchbox", say("search"))
			b.key("zzz")
			b.seesText(beginning("list.no-hit"))
		}},
		{"nothing selected", func(b *tab) { b.visit("/"); b.press("button", say("continue")); b.alert(say("continue.choose")) }},
		{"no such credential", func(b *tab) {
			b.watch.expect("status of 404")
			b.navigate(p.address + "/credentials/cred_none")
			b.get("heading", say("page.credential-missing"))
		}},
		{"overlay", overlay},
		{"overlay with the guide and all details", func(b *tab) {
			eval[any](b, `document.querySelectorAll("dialog[open] details").forEach(d => d.open = true)`)
		}},
		{"overlay with errors", func(b *tab) { b.press("button", say("save")); b.alert(problems(5)) }},
		{"overlay with paste artifacts", func(b *tab) {
			pasted := bakery
			pasted.Key = "Bearer " + bakery.Key
			b.complete(pasted)
			b.press("button", say("save"))
			b.get("button", say("fix"))
		}},
		{"overlay with warnings", func(b *tab) {
			b.fill(say("label.client_id"), bakery.Key)
			b.fill(say("label.subscription_key"), bakery.ClientID)
			b.press("button", say("save"))
			b.alert(say("summary.swapped"))
		}},
		{"overlay asking whether to discard", func(b *tab) { b.key(kb.Escape); b.alert(say("discard")) }},
		{"overlay with what is saved already", func(b *tab) {
			b.press("button", say("discard.no"))
			p.addFault(fault{Kind: paycortest.Hang, Place: paycortest.AtToken})
			b.complete(bakery)
			b.press("button", say("save"))
			b.alert("already saved")
		}},
		{"overlay verifying", func(b *tab) {
			b.press("button", say("save.anyway"))
			b.status(say("verify.running"))
			b.get("list", say("steps"))
		}},
		{"overlay stopped", func(b *tab) { b.press("button", say("cancel")); p.clearFaults(); b.status(say("fail.stopped")) }},
		{"overlay rejected", func(b *tab) {
			b.fill(say("label.client_secret"), "simulator/secret+of/Nobody+at+all/000000001")
			b.press("button", say("save"))
			b.alert(say("verdict.client_rejected"))
		}},
		{"overlay with entities to choose", func(b *tab) {
			b.fill(say("label.client_secret"), bakery.ClientSecret)
			b.fill(say("label.legal_entity_id"), "")
			b.press("button", say("find"))
			b.get("radio", "~501124")
		}},
		{"overlay with several entities", func(b *tab) { b.press("button", say("batch.start")); b.get("checkbox", "~501124") }},
		{"overlay with no entity selected", func(b *tab) { b.press("button", say("save")); b.alert(say("batch.none")) }},
		{"overlay with saved secrets", func(b *tab) {
			b.press("button", say("batch.end"))
			b.press("radio", "~"+say("state.verified"))
			b.absent("textbox", "Client Secret")
		}},
	}
}

// credentialScenes are the detail pages of credentials in each state.
func credentialScenes(states map[paycor.State]paycor.Credential) []scene {
	var all []scene
	for _, state := range []paycor.State{paycor.StateVerified, paycor.StateNeedsActivation, paycor.StateRejected, paycor.StateNotVerified, paycor.StateNotReachable} {
		all = append(all, scene{"credential page, " + string(state), openCredential(states[state])})
	}
	return append(all, scene{"application page", func(b *tab) {
		b.visit("/applications/" + states[paycor.StateVerified].ApplicationID)
		b.seesText(say("application.same.this"))
	}})
}

// statementScenes are what the page says about credentials that do not work, and how it
// helps with wrong values.
func statementScenes(p *program, states map[paycor.State]paycor.Credential) []scene {
	bakery, rejected := sample(p.t, paycortest.SunriseBakery), states[paycor.StateRejected]
	wrong := bakery
	wrong.LEI = "999999"
	return []scene{
		{"continue with a rejected destination", func(b *tab) {
			b.visit("/")
			b.press("radio", say("purpose.destination"))
			b.press("radio", "~"+rejected.Name)
			b.press("button", say("continue"))
			b.get("button", say("use.anyway"))
		}},
		{"a rejected destination that is used anyway", func(b *tab) {
			b.press("button", say("use.anyway"))
			b.seesText(say("chosen.destination", rejected.Name))
		}},
		{"tiles without data access", func(b *tab) {
			p.addFault(fault{Kind: paycortest.RightMissing})
			depot := p.save(bakery.body(b.t).with("name", "Depot"), "")
			b.until("the access probe", func() bool {
				var now paycor.Credential
				p.api("GET", "/credentials/"+depot.ID, nil).into(b.t, &now)
				return now.Verdict.DataAccess != nil
			})
			b.visit("/")
			b.get("radio", "~Depot "+say("state.verified_without_access"))
		}},
		{"credential page, no data access", func(b *tab) { b.press("link", "~Depot"); b.seesText(say("verdict.verified_without_access")) }},
		{"credential page, rejected after a success", func(b *tab) {
			p.clearFaults()
			p.addFault(fault{Kind: paycortest.WrongClient})
			b.visit("/credentials/" + states[paycor.StateVerified].ID)
			b.press("button", say("verify.again"))
			b.seesText(beginning("last-success.until"))
			p.clearFaults()
		}},
		{"credential page, another legal entity to choose", func(b *tab) {
			b.visit("/credentials/" + p.save(wrong.body(b.t).with("name", "Elsewhere"), "").ID)
			b.get("button", "~("+bakery.LEI+")")
		}},
		{"overlay with legal entities to choose", func(b *tab) {
			b.visit("/")
			b.press("button", say("add"))
			wrong.Name, wrong.LEI = "Another", "999998"
			b.complete(wrong)
			b.press("button", say("save"))
			b.get("button", "~("+bakery.LEI+")")
		}},
		{"overlay with values to swap", func(b *tab) {
			b.fill("Client ID", bakery.LEI)
			b.fill("Legal Entity ID", bakery.ClientID)
			b.press("button", say("save"))
			b.get("button", say("swap"))
		}},
		{"overlay with several duplicates", func(b *tab) {
			for _, name := range []string{"Alpha", "Beta"} {
				p.save(bakery.body(b.t).with("name", name), "?verify=false")
			}
			b.press("button", say("swap"))
			b.press("button", say("save"))
			b.alert(beginning("duplicate.values"))
		}},
	}
}

// dialogScenes are the dialogs that change, rotate and delete a credential.
func dialogScenes(p *program, verified paycor.Credential) []scene {
	own := openCredential(verified)
	return []scene{
		{"edit with saved secrets", func(b *tab) {
			own(b)
			b.press("button", say("edit"))
			b.get("dialog", say("edit.title"))
		}},
		{"edit replacing a secret", func(b *tab) {
			b.pressNode(described(b.t, b, "button", say("replace"), "Client Secret"))
			b.get("textbox", say("label.client_secret"))
		}},
		{"edit with a refused new secret", func(b *tab) {
			b.watch.expect("status of 422")
			b.fill(say("label.client_secret"), wrongSecret)
			b.press("button", say("save"))
			b.get("button", say("replace.anyway"))
		}},
		{"rotation", func(b *tab) {
			own(b)
			b.press("button", say("rotate"))
			b.get("dialog", say("rotate.title"))
		}},
		{"rotation with errors", func(b *tab) { b.press("button", say("rotate.go")); b.alert(problems(1)) }},
		{"rotation refused", func(b *tab) {
			b.fill("New Client Secret", "simulator/secret+of/Nobody+at+all/000000002")
			b.press("button", say("rotate.go"))
			b.alert(say("rotate.refused"))
		}},
		{"rotation pending", func(b *tab) {
			b.press("button", say("rotate.keep-pending"))
			b.absent("dialog", say("rotate.title"))
			b.get("button", say("rotation.discard"))
		}},
		{"discarding what is pending", func(b *tab) { b.press("button", say("rotation.discard")); b.alert(say("rotation.confirm.pending")) }},
		{"delete", func(b *tab) {
			own(b)
			b.press("button", say("delete"))
			b.get("dialog", "~"+say("delete"))
		}},
		{"delete with a wrong name", func(b *tab) { b.key("no"); b.key(kb.Enter); b.alert(beginning("delete.mismatch")) }},
		{"a page without its program", func(b *tab) {
			b.watch.expect("Failed to load|was preloaded")
			b.hold(wasmFiles)
			b.navigate(p.address + "/")
			b.answer(b.pausedRequest(), 404, "text/plain", nil)
			b.alert(say("boot.title"))
			b.release()
		}},
	}
}

// navigationScenes are the pages in the header's navigation.
func navigationScenes(credential paycor.Credential) []scene {
	return []scene{
		{"the account", func(b *tab) {
			b.visit("/audit")
			b.press("button", "~"+say("account"))
			b.get("link", say("theme.dark"))
		}},
		{"audit", func(b *tab) { b.visit("/audit"); b.seesText("created an API token") }},
		{"audit with all filters", func(b *tab) {
			b.press("DisclosureTriangle", say("audit.further"))
			b.get("textbox", say("audit.credential"))
		}},
		{"audit without hits", func(b *tab) { b.visit("/audit?caller=nobody-of-that-name"); b.seesText(say("audit.no-hit")) }},
		{"hosts", func(b *tab) { b.visit("/hosts"); b.seesText(say("embed-hosts.none")) }},
		{"hosts, one to add", func(b *tab) { b.press("button", say("embed-hosts.add")); b.get("dialog", say("embed-hosts.add")) }},
		{"hosts with errors", func(b *tab) { b.press("button", say("embed-hosts.save")); b.alert(problems(2)) }},
		{"hosts, one registered", func(b *tab) {
			c := startConsole(b.t, b.program, "a-console")
			b.fill("Name", "Console of the data team")
			b.fill(say("embed-hosts.field.origins"), c.address)
			b.fill("~"+say("embed-hosts.field.keys"), c.jwks())
			b.press("button", say("embed-hosts.save"))
			b.status("“Console of the data team” is registered.")
		}},
		{"hosts, one to change", func(b *tab) {
			b.press("button", "~"+say("embed-hosts.edit"))
			b.get("dialog", "~Console of the data team")
		}},
		{"hosts, one unchanged", func(b *tab) {
			b.press("button", say("embed-hosts.update"))
			b.status(say("embed-hosts.unchanged", "Console of the data team"))
		}},
		{"hosts, one to remove", func(b *tab) {
			b.press("button", "~"+say("embed-hosts.remove"))
			b.alert(say("embed-hosts.confirm", "Console of the data team"))
		}},
		{"hosts, one changed in the database", func(b *tab) {
			b.program.execute("UPDATE hosts SET rights = '[\"admin\"]'")
			b.visit("/hosts")
			b.seesText(say("embed-hosts.altered"))
		}},
		{"consumers, one changed in the database", func(b *tab) {
			b.program.newToken("--name", "reader", "--rights", "view")
			b.program.execute("UPDATE tokens SET rights = '[\"admin\"]' WHERE name = 'reader'")
			b.visit("/consumers")
			b.seesText(say("consumer.altered"))
		}},
		{"notifications", func(b *tab) { b.visit("/notifications"); b.seesText(say("channels.none")) }},
		{"notifications, a new channel", func(b *tab) {
			b.press("button", say("channels.add"))
			b.get("dialog", say("channels.add")) // whose button has the same name as the one that opened it
			b.press("button", say("channels.save"))
			b.alert(problems(2))
		}},
		{"notifications, one added", func(b *tab) {
			b.fill(say("channels.field.name"), "Operations of the data team")
			b.fill(say("channels.field.address"), "https://hooks.example/in")
			b.press("button", say("channels.save"))
			b.seesText(say("channels.secret-help"))
		}},
		{"notifications, deliveries", func(b *tab) {
			b.press("button", "~"+say("channels.deliveries"))
			b.seesText(say("channels.no-deliveries"))
		}},
		{"notifications, one to remove", func(b *tab) {
			b.press("button", "~"+say("channels.remove"))
			b.alert(say("channels.confirm", "Operations of the data team"))
		}},
		{"sign-ins", func(b *tab) { b.visit("/sign-ins"); b.seesText(say("sign-ins.current")) }},
		{"system", func(b *tab) { b.system(); b.seesText(say("system.check.records")) }},
		{"who may use a credential", func(b *tab) {
			b.visit("/credentials/" + credential.ID)
			b.press("button", "~"+say("sharing.change"))
			b.press("radio", "~"+say("sharing.some"))
			b.get("textbox", say("sharing.people"))
		}},
		{"who may use a credential, saved", func(b *tab) {
			b.fill(say("sharing.people"), "ann@example.com")
			b.press("button", say("save"))
			b.status(say("sharing.saved", credential.Name))
		}},
	}
}
