package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// violationBinding is the function through which a page reports a violation of
// its policy.
const violationBinding = "e2eViolation"

// watchScript reports policy violations as soon as they happen.
const watchScript = `addEventListener("securitypolicyviolation", e =>
	` + violationBinding + `(e.effectiveDirective + " " + e.blockedURI + " " + e.sourceFile + ":" + e.lineNumber + " " + e.sample), true);`

// watch records what a tab does that it should not.
type watch struct {
	mu       sync.Mutex
	origin   string
	console  []string // all console output, for failure messages
	wrong    []string // what our pages must never do
	expected []*regexp.Regexp
	seen     map[network.RequestID]string
	paused   chan *fetch.EventRequestPaused // requests that hold paused
}

// observe handles a browser event. It must not block.
func (w *watch) observe(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		words := []string{}
		for _, argument := range e.Args {
			words = append(words, text(argument))
		}
		w.note(e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert,
			"console."+string(e.Type)+": "+strings.Join(words, " "))
	case *runtime.EventExceptionThrown:
		line := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			line += " " + e.ExceptionDetails.Exception.Description
		}
		w.note(true, "uncaught: "+line)
	case *log.EventEntryAdded:
		w.note(e.Entry.Level == log.EntryLevelError, fmt.Sprintf("log %s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
	case *runtime.EventBindingCalled:
		if e.Name == violationBinding {
			w.note(true, "policy violated: "+e.Payload)
		}
	case *network.EventRequestWillBeSent:
		w.seen[e.RequestID] = e.Request.Method + " " + e.Request.URL
		if w.origin != "" && !strings.HasPrefix(e.Request.URL, w.origin+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			w.note(true, "asked another origin: "+e.Request.URL)
		}
	case *fetch.EventRequestPaused:
		w.paused <- e
	}
}

// requested returns the requests so far, as method and address.
func (w *watch) requested() map[network.RequestID]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.seen)
}

func (w *watch) note(wrong bool, line string) {
	w.console = append(w.console, line)
	if wrong {
		w.wrong = append(w.wrong, line)
	}
}

// violations returns the violations that no pattern expects.
func (w *watch) violations() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := []string{}
	for _, line := range w.wrong {
		expected := false
		for _, pattern := range w.expected {
			expected = expected || pattern.MatchString(line)
		}
		if !expected {
			left = append(left, line)
		}
	}
	return left
}

func (w *watch) expect(pattern string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expected = append(w.expected, regexp.MustCompile(pattern))
}

// text returns a console argument as text.
func text(value *runtime.RemoteObject) string {
	var line string
	if json.Unmarshal(value.Value, &line) == nil {
		return line
	}
	if len(value.Value) > 0 {
		return string(value.Value)
	}
	return value.Description
}
