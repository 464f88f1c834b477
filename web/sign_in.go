package web

import (
	"net/http"
	"time"

	"paycorcred/paycor"
)

// signIn trades the code of a sign-in link for a session, once. Without a
// code it says how to come by a link. A HEAD and a browser's prefetch leave
// the code alone: only the person's own visit may use it up.
func (d *door) signIn(w http.ResponseWriter, r *http.Request) error {
	code := r.URL.Query().Get("code")
	_, err := d.bySession(r)
	signedIn := err == nil
	if !signedIn && paycor.KindOf(err) != paycor.KindUnauthorized {
		return err
	}
	if code == "" || r.Method == http.MethodHead || r.Header.Get("Sec-Purpose") != "" {
		return d.signInHelp(w, r, signedIn)
	}
	v := visitOf(r)
	handle, expires, err := d.Access.SignIn(r.Context(), paycor.NewSecret(code), v.from, v.id)
	switch {
	case err == nil:
		if before := d.handle(r); signedIn && !before.IsZero() { // a sign-in begins a session anew, it never goes on with one
			if err := d.Access.SignOut(r.Context(), before, v.from, v.id); err != nil && paycor.KindOf(err) != paycor.KindUnauthorized {
				return err
			}
		}
		d.setHandle(w, handle, expires)
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	case paycor.KindOf(err) != paycor.KindUnauthorized:
		return err
	case signedIn: // the link again, from the history or a second press
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	if err := d.Access.Refuse(r.Context(), v.who(), string(kindLink)); err != nil {
		return auditFailed(err)
	}
	return d.writeWords(w, http.StatusForbidden, words{
		Title: "Sign in",
		Text:  []string{"This sign-in link was used already, or it is too old. Each link works once."},
		Help:  true,
	})
}

func (d *door) signInHelp(w http.ResponseWriter, r *http.Request, signedIn bool) error {
	if signedIn && !r.URL.Query().Has("again") { // again: the session ends soon, and whoever works in it wants a new one
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	if d.Provider != nil {
		return d.providerHelp(w, http.StatusOK, r.URL.Query().Get("to"), "Sign in to see and use the credentials you may.")
	}
	return d.writeWords(w, http.StatusOK, words{
		Title: "Sign in",
		Text:  []string{"You sign in with a link that works once. The server prints one in its terminal when it starts: open that link in this browser."},
		Help:  true,
	})
}

// signOut ends the session.
func (d *door) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := d.sameOrigin(r); err != nil {
		return err
	}
	v := visitOf(r)
	var hint paycor.Secret
	if handle := d.handle(r); !handle.IsZero() {
		var err error
		if hint, err = d.Access.ProviderHint(r.Context(), handle); err != nil {
			return err
		}
		err = d.Access.SignOut(r.Context(), handle, v.from, v.id)
		if err != nil && paycor.KindOf(err) != paycor.KindUnauthorized {
			return err
		}
	}
	d.setHandle(w, paycor.Secret{}, time.Time{})
	if done, err := d.signOutThere(w, r, hint); done || err != nil {
		return err
	}
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}
