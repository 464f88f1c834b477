package dom

// Loop runs the work of a page. A page changes its state on one goroutine only,
// so work that waits runs beside it and reports back through Update. Tests
// replace the functions to run everything at once.
type Loop struct {
	Async       func(func()) // runs work beside the page's goroutine
	Update      func(func()) // changes state on the page's goroutine, then renders
	AfterRender func(func()) // runs once the current state is rendered
	Wipe        func()       // overwrites freed memory that held secrets
}

// NewLoop returns the loop of a page that is not mounted: updates run at once.
func NewLoop() *Loop {
	return &Loop{
		Async:       func(do func()) { go Protect(do) },
		Update:      func(do func()) { do() },
		AfterRender: func(do func()) { do() },
		Wipe:        func() {},
	}
}
