package web

import (
	"net/http"

	"paycorcred/paycor/api"
)

// setTheme chooses the theme of a page: the one of ?theme=, or the one that was chosen
// earlier. A frame has no cookies, and the theme that its site says.
func setTheme(w http.ResponseWriter, r *http.Request, cookies cookieJar) {
	if !isPage(r.URL.Path) {
		return
	}
	info := infoOf(r)
	info.theme = cookies.theme(r)
	if chosen := api.Theme(r.URL.Query().Get("theme")); chosen != info.theme && chosen.Valid() {
		cookies.setTheme(w, r, chosen)
		info.theme = chosen
	}
}
