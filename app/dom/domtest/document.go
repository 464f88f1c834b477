package domtest

import "paycorcred/app/dom"

// Document is a dom.Document in memory. It knows values, focus, dialogs and the
// clipboard.
type Document struct {
	Values      map[string]string
	HasFocus    string          // ID of the element with the focus
	Dialogs     map[string]bool // that are open
	Href        string          // of the page that was opened
	Note        string          // passed to that page
	Copied      string
	Query       map[string]bool // parameters of the address
	RefusesCopy bool
	Windows     []*Window // that were opened
	Blocks      bool      // windows
	Downloaded  string    // name of the file that was saved last
	File        string    // its text
	Address     string    // that was written last
	History     []string  // addresses that are in the history
	Attention   int       // how many things the tab says need attention
}

// NewDocument returns an empty document.
func NewDocument() *Document {
	return &Document{Values: map[string]string{}, Dialogs: map[string]bool{}}
}

// Value implements dom.Document, as do the other methods.
func (d *Document) Value(id string) string { return d.Values[id] }

func (d *Document) SetValue(id, value string) { d.Values[id] = value }

func (d *Document) Focus(id string) { d.HasFocus = id }

func (d *Document) Focused() string { return d.HasFocus }

func (d *Document) ShowModal(id string) { d.Dialogs[id] = true }

func (d *Document) Close(id string) { d.Dialogs[id] = false }

func (d *Document) Copy(text string, done func(copied bool)) {
	d.Copied = text
	done(!d.RefusesCopy)
}

func (d *Document) Open(href string) { d.Href = href }

// Window is a window in memory.
type Window struct {
	Href   string // of its page; empty if it is empty
	Closed bool
}

// Open implements dom.Window, as does Close.
func (w *Window) Open(href string) { w.Href = href }

func (w *Window) Close() { w.Closed = true }

func (d *Document) OpenWindow() dom.Window {
	if d.Blocks {
		return nil
	}
	opened := &Window{}
	d.Windows = append(d.Windows, opened)
	return opened
}

func (d *Document) OpenWith(href, note string) { d.Href, d.Note = href, note }

func (d *Document) TakeNote() string {
	note := d.Note
	d.Note = ""
	return note
}

func (d *Document) Origin() string { return "https://credentials.example" }

func (d *Document) Take(parameter string) bool {
	there := d.Query[parameter]
	delete(d.Query, parameter)
	return there
}

func (d *Document) SetAddress(href string, history bool) {
	d.Address = href
	if history {
		d.History = append(d.History, href)
	}
}

func (d *Document) OnHistory(func(query string)) {}

func (d *Document) ShowAttention(n int) { d.Attention = n }

func (d *Document) Download(name, _, text string) { d.Downloaded, d.File = name, text }
