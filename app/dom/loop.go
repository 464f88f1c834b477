package dom

// Loop runs the work of a page. Only one goroutine changes the page's state, so
// work that blocks runs on another one and reports back through Update. Tests
// replace the functions to run everything synchronously.
type Loop struct {
	Async       func(func())      // runs work on another goroutine
	Update      func(func())      // changes state on the page's goroutine, then renders
	UpdateIf    func(func() bool) // like Update, but renders only if the function reports true
	AfterRender func(func())      // runs once the current state is rendered
	Wipe        func()            // overwrites freed memory that held secrets
}

// NewLoop returns the loop of a page that is not mounted: updates run at once.
func NewLoop() *Loop {
	return &Loop{
		Async:       func(do func()) { go Protect(do) },
		Update:      func(do func()) { do() },
		UpdateIf:    func(do func() bool) { do() },
		AfterRender: func(do func()) { do() },
		Wipe:        func() {},
	}
}
