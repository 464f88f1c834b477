package web

import (
	"net/http"
	"reflect"
	"strings"

	"paycorcred/app/locale"
	"paycorcred/paycor/api"
	"paycorcred/paycor/message"
)

// localeOf returns the catalogue for a response: the language of ?lang=, the one
// that was chosen earlier, or else the best match of Accept-Language.
func localeOf(r *http.Request) *locale.Catalogue {
	if c, ok := locale.ByTag(r.URL.Query().Get("lang")); ok {
		return c
	}
	if c, ok := locale.ByTag(infoOf(r).language); ok {
		return c
	}
	return locale.Match(r.Header.Get("Accept-Language"))
}

// setLanguage chooses the language of a response by its request. Pages remember
// the language of ?lang=. Frames have no cookies, and programs and the page's own
// requests say their language each time.
func setLanguage(w http.ResponseWriter, r *http.Request, cookies cookieJar) {
	if isPage(r.URL.Path) {
		infoOf(r).language = cookies.language(r)
		if c, ok := locale.ByTag(r.URL.Query().Get("lang")); ok && c.Tag() != infoOf(r).language {
			cookies.setLanguage(w, r, c.Tag())
		}
	}
	w.Header().Set("Content-Language", localeOf(r).Tag())
}

// isPage reports whether a path is a page of its own, in no frame.
func isPage(path string) bool {
	return path == doctorPath || !strings.HasPrefix(path, "/embed") && !strings.HasPrefix(path, apiRoot+"/")
}

// languageOf returns the language that setLanguage chose for a response.
func languageOf(w http.ResponseWriter) *locale.Catalogue {
	if c, ok := locale.ByTag(w.Header().Get("Content-Language")); ok {
		return c
	}
	return locale.English
}

// localized returns a copy of a value in which every message is text in the
// language of a catalogue. Problems, verdicts and steps carry messages at many
// depths; finding them by type means that no response forgets one.
func localized(value any, c *locale.Catalogue) any {
	if value == nil {
		return nil
	}
	return localize(reflect.ValueOf(value), c).Interface()
}

func localize(v reflect.Value, c *locale.Catalogue) reflect.Value {
	if m, ok := v.Interface().(message.Message); ok {
		return reflect.ValueOf(m.Rendered(c))
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			copied := reflect.New(v.Type().Elem())
			copied.Elem().Set(localize(v.Elem(), c))
			return copied
		}
	case reflect.Interface:
		if !v.IsNil() {
			return localize(v.Elem(), c)
		}
	case reflect.Struct:
		return localizeStruct(v, c)
	case reflect.Slice:
		if v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8 {
			return v
		}
		copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			copied.Index(i).Set(localize(v.Index(i), c))
		}
		return copied
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		copied := reflect.MakeMapWithSize(v.Type(), v.Len())
		for key, item := range v.Seq2() {
			copied.SetMapIndex(key, localize(item, c))
		}
		return copied
	}
	return v
}

func localizeStruct(v reflect.Value, c *locale.Catalogue) reflect.Value {
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			copied.Field(i).Set(localize(v.Field(i), c))
		}
	}
	return copied
}

// otherLanguages are those that a person may prefer to a catalogue's language. The
// pseudo-locale is for tests.
func otherLanguages(current *locale.Catalogue) []api.Language {
	var others []api.Language
	for _, c := range locale.Catalogues() {
		if c != current && c.Tag() != locale.Pseudo {
			others = append(others, api.Language{Tag: c.Tag(), Name: c.Text("language")})
		}
	}
	return others
}

// languages returns the tags of the languages there are, with spaces between them.
func languages() string {
	var tags []string
	for _, c := range locale.Catalogues() {
		tags = append(tags, c.Tag())
	}
	return strings.Join(tags, " ")
}
