package app

import "fmt"

// say returns the sentence of that key, with the arguments in their places. A
// key without a sentence is shown as it is, and a test sees to it that there
// is none.
func say(key string, arguments ...any) string {
	sentence, known := english[key]
	if !known {
		return key
	}
	if len(arguments) == 0 {
		return sentence
	}
	return fmt.Sprintf(sentence, arguments...)
}

// english is the catalogue. Field labels and the sentences about fields and
// verdicts stand in package paycor, because the server says them too.
var english = map[string]string{
	// Every page.
	"brand": "Paycor credentials", "skip": "Skip to the content", "sign-out": "Sign out",
	"places": "Places", "place.credentials": "Credentials",
	"copy": "Copy", "copied": "Copied", "copy.done": "Copied.", "copy.failed": "This browser did not let the page copy. Select the text and copy it yourself.",
	"retry": "Try again", "cancel": "Cancel", "optional": "(optional)", "new-tab": "(opens in a new tab)", "error": "Error:",
	"undo": "Undo", "undo.running": "Taking the change back…", "undo.done": "The change was taken back.", "undo.failed": "The change was not taken back. %s",
	"ago.now": "just now", "ago.minute": "1 minute ago", "ago.minutes": "%d minutes ago", "ago.hour": "1 hour ago", "ago.hours": "%d hours ago",
	"ago.day": "yesterday", "ago.days": "%d days ago",

	// The Authenticate screen.
	"authenticate": "Authenticate", "authenticate.lead": "Choose the Paycor credential this connection uses, or add a new one.",
	"purpose": "Use it for a", "purpose.source": "Data source", "purpose.destination": "Data destination",
	"search": "Search credentials", "tiles": "Credentials", "add": "Add Credential",
	"add.forbidden": "You may choose a credential here. Adding one needs the right to edit: ask whoever runs this server.",
	"details":       "Details", "details.of": "of %s", "more": "Show more", "list.shown": "%d of %d shown",
	"list.loading": "Loading…", "list.failed": "The credentials could not be read.",
	"list.empty": "No credentials yet", "list.empty-help": "Press Add Credential. The form says where in Paycor each value stands, and checks them with Paycor before it saves.",
	"list.no-hit": "Nothing found for “%s”", "list.no-hit-help": "The search looks at name, description, Client ID and legal entity. Try fewer letters.",
	"list.hits": "%d credentials found", "list.hits.one": "1 credential found",
	"list.stale": "The list could not be brought up to date. %s", "list.more-failed": "No more could be loaded. %s",
	"list.selected-gone": "“%s” was deleted elsewhere, so nothing is selected now.",
	"entity":             "Legal Entity %s", "entity.named": "Legal Entity %s, %s",
	"checked": "Last verification:", "checked.never": "No verification yet", "used": "Last used:", "used.never": "Not used yet",
	"continue": "Continue", "continue.none": "No credential selected", "continue.selected": "Selected:", "continue.choose": "Choose a credential first, or add one.",

	// States and outcomes.
	"state.not_verified": "Not verified", "state.verified": "Verified", "state.needs_activation": "Needs activation",
	"state.rejected": "Rejected", "state.blames": "%s: %s", "or": " or ", "state.not_reachable": "Not reachable",
	"outcome.verified": "Verified", "outcome.rejected": "Paycor did not accept this", "outcome.needs_activation": "Needs activation",
	"outcome.unreachable": "Paycor could not be reached", "outcome.throttled": "Paycor asks to wait",
	"steps": "Steps of the verification", "step.format": "Format", "step.key": "APIM Subscription Key", "step.token": "Token",
	"step.entities": "Legal entities", "step.legal_entity": "Legal Entity ID",
	"step.is.waiting": "waiting", "step.is.running": "running", "step.is.passed": "passed", "step.is.failed": "failed",
	"step.is.warned": "passed with a remark", "step.is.skipped": "not tried",
	"verdict.detail": "Paycor said", "verdict.correlation": "Correlation ID", "retry-after": "Try again in %d seconds.",

	// The overlay.
	"add.title": "Add New Credential", "edit.title": "Edit Credential",
	"add.intro":       "Copy the values from Paycor’s developer portal. Secrets are sent to this server once and are never shown again.",
	"edit.intro":      "Saved secrets stay as they are unless you replace them. They are never shown.",
	"duplicate.intro": "This is a copy of “%s” without its Client Secret and APIM Subscription Key: secrets are never copied. Enter them again.",
	"duplicate.name":  "%s (copy)", "edit.unchanged": "Nothing was changed in “%s”.",
	"advanced":              "Advanced",
	"hint.name":             "A name your colleagues will recognise.",
	"hint.description":      "What it is for, and how fresh the data has to be. For example: nightly employee export to the warehouse.",
	"hint.environment":      "Keys, tokens and ids of one environment do not work in another.",
	"hint.client_id":        "In the developer portal: Applications, your application, Security Connections.",
	"hint.client_secret":    "On the same screen, Security Connections. Paycor may show it only once.",
	"hint.subscription_key": "Also on Security Connections. Either the primary or the secondary key.",
	"hint.legal_entity_id":  "In Paycor’s company settings, usually six digits. Or let Paycor tell you, once the values above are filled in.",
	"hint.scope":            "On the application’s General tab. Needed only where Paycor asks for it.",
	"hint.grant":            "Leave this as it is, unless Paycor told you otherwise.",
	"grant.":                "Client credentials", "grant.client_credentials": "Client credentials", "grant.authorization_code": "Authorization code (activated in a browser)",
	"show": "Show", "hide": "Hide", "replace": "Replace", "keep": "Keep the saved one", "secret.moved": "The saved one is sent to %s only. Enter the one of the chosen Environment.", "saved": "Saved", "saved.on": "Saved on %s",
	"mend": "Remove it for me", "mend.done": "Removed: %s.",
	"find": "Find it with Paycor", "find.running": "Asking Paycor…", "find.stopped": "Stopped.", "find.found": "Paycor lists %d for these values. Choose one:",
	"find.legend": "Legal entities of this credential", "find.nameless": "Name not known yet", "find.taken": "%d is filled in.",
	"save": "Save", "save.anyway": "Save anyway", "save.running": "Saving…",
	"verify.running": "Checking with Paycor…", "save.swapped": "Nothing was sent to Paycor yet.",
	"save.as.rejected": "Not saved. “Save anyway” keeps it as Rejected.", "save.as.needs_activation": "Not saved. “Save anyway” keeps it as Needs activation.",
	"save.as.unreachable": "Not saved. “Save anyway” keeps it as Not verified.", "save.as.throttled": "Not saved. “Save anyway” keeps it as Not verified.",
	"saved.verified": "“%s” is saved and verified.", "saved.rejected": "“%s” is saved as Rejected.", "saved.needs_activation": "“%s” is saved. It needs activation.",
	"saved.not_verified": "“%s” is saved. Paycor has not verified it.", "saved.not_reachable": "“%s” is saved. Paycor could not be reached.",
	"discard": "Discard what you typed?", "discard.yes": "Discard", "discard.no": "Keep editing",
	"summary.problems": "There is a problem", "summary.swapped": "Some values may stand in the wrong field",
	"summary.swapped-help": "Move them, or press “Save anyway” when they are right as they are.", "summary.failed": "Not saved", "summary.go": "Go to %s",
	"session.link": "Sign in again", "session.then": "then press Save again. What you typed stays here.",
	"fail.session": "You are signed out: the session has ended.", "fail.server": "The server could not do this. Try again in a moment.",
	"fail.request": "Tell whoever runs it this request id: %s.", "fail.offline": "The server does not answer. Check your connection, then try again.",
	"fail.timeout":    "The server did not answer within %d seconds. Try again in a moment.",
	"fail.unreadable": "The server’s answer could not be read. Reload the page, then try again.",
	"fail.stopped":    "Stopped. Nothing was saved.", "fail.stale": "Somebody else changed this credential meanwhile. Theirs is kept. Press Save again to add what you changed.",

	// The guide.
	"guide": "Where to find the values", "guide.for": "Ten steps, for %s.", "guide.portal": "Developer portal", "guide.activate": "Activation form",
	"guide.1": "Sign in to the developer portal", "guide.1.words": "Use the Paycor login of a company, HR or payroll administrator.",
	"guide.2": "Request access", "guide.2.words": "Only the first time. Then sign out and in again, or the portal stays empty.",
	"guide.3": "Open Applications", "guide.3.words": "Choose your application, or create one of type Standard.",
	"guide.4": "Choose the Data Access rights", "guide.4.words": "Tick what the connection reads or writes. The groups stand below.",
	"guide.5": "Save the application", "guide.5.words": "Each saved change of Data Access makes a new scope, which has to be activated again.",
	"guide.6": "Copy the Client ID", "guide.6.words": "On Security Connections. It is not the client number of your company.",
	"guide.7": "Copy the Client Secret", "guide.7.words": "On Security Connections. Copy all of it: it may be shown only once.",
	"guide.8": "Copy the APIM Subscription Key", "guide.8.words": "On Security Connections. The primary and the secondary key both work.",
	"guide.9": "Find the Legal Entity ID", "guide.9.words": "In Paycor: company settings. Or press “Find it with Paycor” beside the field.",
	"guide.10": "Save, and activate if asked to", "guide.10.words": "When the answer is “Needs activation”, press “Save and activate”: an administrator then allows it in Paycor.",
	"access": "Data Access to choose", "access.words": "Choose only what the connection needs.",
	"access.employees": "Employee data", "access.employees.rights": "Employees, Persons, Onboarding, Documents",
	"access.organisation": "Organisation", "access.organisation.rights": "Legal Entities, Departments, Work Locations, Job Titles",
	"access.payroll": "Payroll", "access.payroll.rights": "Pay Rates, Pay Stubs, Pay Groups, Earnings, Deductions, Taxes, General Ledger",
	"access.time": "Time and attendance", "access.time.rights": "Punches, Schedules, Time Off",

	// A credential's own page.
	"back": "All credentials", "verify": "Verify again", "edit": "Edit", "duplicate": "Duplicate", "delete": "Delete",
	"own.verification": "Verification", "own.never": "Paycor has not been asked about this credential yet. Press “Verify again” to ask now.",
	"own.unreachable": "Could not be checked since the last answer,", "own.stale": "This page could not be brought up to date. %s",
	"own.holds.verified": "Until Paycor answers, this holds: it was verified.", "own.holds.rejected": "Until Paycor answers, this holds: it was rejected.",
	"own.holds.needs_activation": "Until Paycor answers, this holds: it needs activation.",
	"verified.verified":          "“%s” is verified.", "verified.rejected": "Paycor did not accept “%s”.", "verified.needs_activation": "“%s” needs activation.",
	"verified.not_reachable": "Paycor could not be reached. What was known about “%s” still holds.", "verified.not_verified": "Paycor could not be reached, so “%s” is still not verified.",
	"own.facts": "Details", "fact.none": "None", "fact.used": "Last used", "fact.unused": "Not yet", "fact.created": "Created", "fact.changed": "Last changed",
	"fact.id": "Credential ID", "fact.entity": "%s, %s",
	"own.call": "Use it from a program", "own.call-words": "A program sends the credential’s id with an API token of this server. It never sees a secret.",
	"own.call-read": "Read the credential", "own.call-verify": "Verify it again",
	"own.history": "History", "history.none": "Nothing is on record yet.", "history.somebody": "Somebody",
	"history.credential.create": "%s added it", "history.credential.update": "%s changed it", "history.update.fields": "%s changed %s",
	"history.credential.delete": "%s deleted it", "history.credential.verify": "%s verified it", "history.credential.verify_draft": "%s tried new values for it",
	"history.credential.activate.start": "%s began to activate it", "history.credential.activate": "%s activated it", "history.credential.token": "%s got a token for it",
	"history.tried.credential.activate": "%s tried to activate it", "history.tried.credential.token": "%s asked for a token for it",
	"history.access.refused": "%s was refused", "history.access.sign_in": "%s signed in", "history.access.sign_out": "%s signed out",
	"history.access.sign_in_link": "%s made a sign-in link", "history.token.create": "%s made an API token",
	"history.outcome": "%s: %s", "history.refused": "%s, without success (%s)",
	"gone": "This credential is gone", "gone.words": "It was deleted, or the address is not right. Go back to all credentials.",

	// Activating.
	"activate": "Activate", "activate.again": "Activate again", "activate.title": "Activate in Paycor", "save.activate": "Save and activate",
	"activate.intro": "“%s” gets its tokens from Paycor once its application is activated. It stays the same credential, with the same id.",
	"activate.how":   "How to activate",
	"way.paycor":     "Activate in Paycor", "way.words.paycor": "Paycor’s page opens in this tab. Allow it there, and Paycor brings you back here.",
	"way.code": "Paste code and verifier", "way.words.code": "From Paycor’s own Client Activation form. Works where Paycor cannot lead back to this server.",
	"way.token": "Paste a refresh token", "way.words.token": "From an earlier activation, if no other program uses it any more.",
	"activate.register":           "Register this Redirect URI in Paycor first",
	"activate.register-where":     "In the developer portal: Applications, your application, Security Connections, Approved Return OAuth URL. It has to match letter for letter.",
	"activate.who":                "A Company, HR or Payroll administrator has to allow it on Paycor’s page, and the application has to be of type Standard.",
	"activate.form":               "On Paycor’s form, copy the Code Verifier, then press Initiate. Paste both values here at once: the code is good for a few minutes.",
	"activate.hint.scope":         "On the application’s General tab. Each saved change of Data Access makes a new one: copy the newest.",
	"activate.hint.code":          "Paycor’s form ends at an address with “code=” in it. Paste the code, or the whole address.",
	"activate.hint.code_verifier": "It stands on Paycor’s form. Copy it before you press Initiate.",
	"activate.hint.redirect_uri":  "Where Paycor’s form ends. Leave it as it is, unless your address bar shows another address there.",
	"activate.hint.refresh_token": "Paycor takes each refresh token once. After this, only this server may use what it gives in exchange.",
	"activate.enter":              "Enter the %s.", "activate.scope": "Enter the Scope ID: it stands on the application’s General tab in Paycor’s developer portal.",
	"activate.go.paycor": "Continue to Paycor", "activate.go.code": "Activate", "activate.go.token": "Activate",
	"activate.running": "Asking Paycor…", "activate.starting": "Getting ready…", "activate.opening": "Opening Paycor’s page…",
	"activate.failed": "Not activated", "activate.stale": "Somebody else changed this credential meanwhile. Press the button again to go on with it as it is now.",
	"activate.later.code":  "Press Activate again in a minute. If Paycor refuses the code then, it was used up: begin anew on Paycor’s form.",
	"activate.later.token": "Press Activate again in a minute.", "activate.later.paycor": "Press the button again in a minute.",
	"activate.anew":                "The activation was not finished. Press Activate in a few minutes to begin it anew.",
	"activate.session-then":        "then press the button again. What you typed stays here.",
	"activate.spent.code":          "Code and verifier were removed here, because they work only once. Everything else you typed stays.",
	"activate.spent.refresh_token": "The Refresh Token was removed here, because it does not work a second time.",
	"activated.verified":           "“%s” is activated and verified.", "activated.rejected": "“%s” is activated, but Paycor did not accept everything. The reason stands under Verification.",
	"activated.needs_activation": "“%s” needs activation still.", "activated.not_verified": "“%s” is activated. Paycor could not be asked to verify it.",
	"activated.not_reachable": "“%s” is activated. Paycor could not be asked to verify it.",
	"fact.activated":          "Activated", "fact.by": "by %s", "fact.unneeded": "Not needed",

	// Deleting.
	"delete.title": "Delete “%s”?", "delete.words": "The credential and its secrets are removed for good. Programs that use its id stop working. This cannot be undone.",
	"delete.used": "Last used %s.", "delete.unused": "Nobody has used it yet.", "delete.hand": "Last touched by %s, %s.",
	"delete.label": "Type “%s” to confirm", "delete.hint": "This guards against deleting the wrong one.",
	"delete.mismatch": "That is not its name. Type “%s”, or press Cancel.", "delete.running": "Deleting…",

	// What boot.js says before this program has come, or when it cannot.
	"boot.early": "Save will run as soon as the page has finished loading.", "boot.press": "This will happen as soon as the page has finished loading.",
	"boot.title": "This page is not working fully", "boot.reload": "Reload", "boot.typed": "What you typed is still here: copy what you need before you reload.",
	"boot.slow":    "Still loading. The connection may be slow: you can go on typing, or reload.",
	"boot.offline": "The page’s program could not be loaded. Check your connection, then reload.",
	"boot.missing": "The page’s program is not on the server. Reload, and if that does not help, tell whoever runs this server.",
	"boot.blocked": "This browser or a policy of your organisation does not let the page’s program run (WebAssembly). Use another browser, or ask your administrator.",
	"boot.broken":  "The page’s program has stopped. Reload the page.",
	"boot.unbuilt": "This server was built without the page’s program. Run “make build”, then start it again.",
	"boot.timeout": "The page’s program did not come in time. Check your connection, then reload.",

	// People: sign-ins, the end of a session, and who may use a credential.
	"place.sign-ins": "Sign-ins", "sign-ins.own": "Your sign-ins", "sign-ins.own-words": "The browsers in which you are signed in. End one that you do not know or no longer use.",
	"sign-ins.all": "Sign-ins", "sign-ins.all-words": "Everybody who is signed in to this workspace. Ending one takes effect at once.",
	"sign-ins.browser": "A browser", "sign-ins.current": "This browser", "sign-ins.end": "End", "sign-ins.ending": "Ending…", "sign-ins.ended": "A sign-in of %s has ended.",
	"sign-ins.seen": "Last used", "sign-ins.since": "Signed in", "sign-ins.from": "Address", "sign-ins.rights": "Rights",
	"watch.idle":  "You will be signed out at %s, because nothing was done here for a while. What you typed stays.",
	"watch.limit": "Your sign-in ends at %s. Sign in again in another tab; what you typed here stays.",
	"watch.ended": "You are signed out. Sign in again in another tab, then go on here: what you typed stays.",
	"watch.stay":  "Stay signed in", "watch.staying": "One moment…", "watch.stayed": "You stay signed in, until %s at least.", "watch.again": "You are signed in again.",
	"sharing": "Who may use it", "sharing.everybody": "Everybody in the workspace", "sharing.restricted": "Only these, whoever added it, and administrators.",
	"sharing.some": "Only some people or groups", "sharing.some-words": "Whoever added it and administrators keep access. For everybody else it is not there.",
	"sharing.people": "People", "sharing.people-hint": "E-mail addresses, one on each line.", "sharing.groups": "Groups", "sharing.groups-hint": "As your sign-in service names them, one on each line.",
	"sharing.change": "Change", "sharing.saved": "Who may use “%s” is saved.", "sharing.stale": "Somebody else changed this credential meanwhile. Press Save again to keep what you chose here.",
	"history.credential.share": "%s changed who may use it", "history.access.sessions": "%s listed the sign-ins", "history.access.session_end": "%s ended a sign-in",
}
