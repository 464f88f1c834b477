package paycortest

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// everyone is the name for faults of all applications.
const everyone = "all"

// faultJSON is a Fault on the control endpoint; times are in milliseconds.
type faultJSON struct {
	Kind    Kind  `json:"kind"`
	Place   Place `json:"place,omitempty"`
	Count   int   `json:"count,omitempty"`
	DelayMS int64 `json:"delay_ms,omitempty"`
	Status  int   `json:"status,omitempty"`
	Bytes   int   `json:"bytes,omitempty"`
	Right   Right `json:"right,omitempty"`
}

func (f faultJSON) fault() Fault {
	return Fault{Kind: f.Kind, Place: f.Place, Count: f.Count, Status: f.Status, Bytes: f.Bytes, Right: f.Right,
		Delay: time.Duration(f.DelayMS) * time.Millisecond}
}

// controlPages are the pages and the API under /simulator/ that switch faults.
type controlPages struct{ *Simulator }

// controlHandler serves /simulator/. A web page on the internet must not be able
// to switch faults through the browser of a person who runs a simulator:
// the request must come from this machine, name it as Host (or the page could be
// rebound by DNS), and must not come from a foreign origin.
func (s controlPages) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /simulator/{$}", s.controlPage)
	mux.HandleFunc("GET /simulator/style.css", func(w http.ResponseWriter, _ *http.Request) {
		secure(w, "text/css; charset=utf-8")
		_, _ = w.Write(styleCSS)
	})
	mux.HandleFunc("GET /simulator/applications", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"applications": s.all()})
	})
	mux.HandleFunc("GET /simulator/requests", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"counts": s.Counts(), "requests": s.Requests()})
	})
	mux.HandleFunc("GET /simulator/applications/{name}/faults", s.onFaults(listFaults))
	mux.HandleFunc("POST /simulator/applications/{name}/faults", s.onFaults(addFault))
	mux.HandleFunc("DELETE /simulator/applications/{name}/faults", s.onFaults(clearFaults))
	mux.HandleFunc("POST /simulator/applications/{name}/faults/end", s.onFaults(clearFaults)) // HTML forms cannot send DELETE
	mux.HandleFunc("POST /simulator/applications/{name}/secret", s.newSecret)
	mux.HandleFunc("/simulator/elsewhere", s.elsewhere)

	protected := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r) {
			problem(w, http.StatusForbidden, "The control pages answer only on this machine, under localhost, 127.0.0.1 or [::1].")
			return
		}
		protected.ServeHTTP(w, r)
	})
}

func local(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return (host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "[::1]") &&
		err == nil && from.Addr().Unmap().IsLoopback()
}

// faultList is the list of faults that a request under
// /applications/{name}/faults refers to.
type faultList struct {
	sim  *Simulator
	name string
	app  *Application // nil for all
}

func (l faultList) set(fault Fault) {
	if l.app != nil {
		l.app.AddFault(fault)
	} else {
		l.sim.AddFault(fault)
	}
}

func (l faultList) clear(kinds ...Kind) {
	if l.app != nil {
		l.app.ClearFaults(kinds...)
	} else {
		l.sim.ClearFaults(kinds...)
	}
}

func (l faultList) faults() []faultJSON {
	l.sim.mu.Lock()
	defer l.sim.mu.Unlock()
	list := l.sim.faults
	if l.app != nil {
		list = l.app.faults
	}
	all := []faultJSON{}
	for _, f := range list {
		all = append(all, faultJSON{f.Kind, f.Place, f.Count, f.Delay.Milliseconds(), f.Status, f.Bytes, f.Right})
	}
	return all
}

func (s controlPages) onFaults(serve func(http.ResponseWriter, *http.Request, faultList)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		list := faultList{sim: s.Simulator, name: r.PathValue("name")}
		if list.name != everyone {
			if list.app = s.Lookup(list.name); list.app == nil {
				problem(w, http.StatusNotFound, "There is no application of that name.")
				return
			}
		}
		serve(w, r, list)
	}
}

func listFaults(w http.ResponseWriter, _ *http.Request, list faultList) {
	writeJSON(w, http.StatusOK, map[string]any{"application": list.name, "faults": list.faults()})
}

func addFault(w http.ResponseWriter, r *http.Request, list faultList) {
	read := readJSONFault
	if isForm(r) {
		read = readFormFault
	}
	wanted, err := read(r)
	if err == nil {
		err = wanted.fault().Check()
	}
	if err != nil {
		problem(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	list.set(wanted.fault())
	if isForm(r) {
		http.Redirect(w, r, "/simulator/", http.StatusSeeOther)
		return
	}
	listFaults(w, r, list)
}

func clearFaults(w http.ResponseWriter, r *http.Request, list faultList) {
	if kind := Kind(r.FormValue("kind")); kind != "" {
		list.clear(kind)
	} else {
		list.clear()
	}
	if isForm(r) {
		http.Redirect(w, r, "/simulator/", http.StatusSeeOther)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// newSecret gives an application a new Client Secret, to try a rotation with.
func (s controlPages) newSecret(w http.ResponseWriter, r *http.Request) {
	app := s.Lookup(r.PathValue("name"))
	if app == nil {
		problem(w, http.StatusNotFound, "There is no application of that name.")
		return
	}
	app.NewSecret()
	if isForm(r) {
		http.Redirect(w, r, "/simulator/", http.StatusSeeOther)
		return
	}
	writeJSON(w, http.StatusOK, app.Details())
}

func isForm(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/x-www-form-urlencoded"
}

func readJSONFault(r *http.Request) (faultJSON, error) {
	var wanted faultJSON
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		return faultJSON{}, fmt.Errorf("reading the fault: %w", err)
	}
	if decoder.More() {
		return faultJSON{}, errors.New("reading the fault: there is more than one value in the body")
	}
	return wanted, nil
}

func readFormFault(r *http.Request) (faultJSON, error) {
	wanted := faultJSON{
		Kind: Kind(r.PostFormValue("kind")), Place: Place(r.PostFormValue("place")), Right: Right(r.PostFormValue("right")),
	}
	for name, into := range map[string]*int{"count": &wanted.Count, "status": &wanted.Status, "bytes": &wanted.Bytes} {
		if err := readNumber(r, name, into); err != nil {
			return faultJSON{}, err
		}
	}
	var delay int
	if err := readNumber(r, "delay_ms", &delay); err != nil {
		return faultJSON{}, err
	}
	wanted.DelayMS = int64(delay)
	return wanted, nil
}

func readNumber(r *http.Request, name string, into *int) error {
	text := r.PostFormValue(name)
	if text == "" {
		return nil
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("%s must be a whole number", name)
	}
	*into = number
	return nil
}

// elsewhere is the target of the Redirect fault: a client that gets here has followed
// it, and its headers are in LastHeader(Elsewhere).
func (s controlPages) elsewhere(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.counts.Elsewhere++
	s.last[Elsewhere] = r.Header.Clone()
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]string{"message": "You have followed a redirect."})
}

func (s controlPages) all() []Details {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Details{}
	for _, app := range s.apps {
		all = append(all, app.details.clone())
	}
	return all
}

// controlPage lists the applications, their faults and the last requests.
func (s controlPages) controlPage(w http.ResponseWriter, _ *http.Request) {
	type entry struct {
		Name    string
		Details *Details
		Faults  []faultJSON
	}
	entries := []entry{{Name: everyone, Faults: faultList{sim: s.Simulator, name: everyone}.faults()}}
	for _, details := range s.all() {
		entries = append(entries, entry{details.Name, &details, faultList{s.Simulator, details.Name, s.Lookup(details.Name)}.faults()})
	}
	requests := s.Requests()
	render(w, http.StatusOK, "", "control", map[string]any{
		"Entries": entries, "Kinds": kinds(), "Requests": requests[max(0, len(requests)-30):], "Counts": s.Counts(),
	})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil { // only values of this package come here
		panic(fmt.Sprintf("paycortest: encoding an answer: %v", err))
	}
	secure(w, "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func problem(w http.ResponseWriter, status int, text string) {
	body, _ := json.Marshal(map[string]any{"title": http.StatusText(status), "status": status, "detail": text}) // strings and a number
	secure(w, "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
