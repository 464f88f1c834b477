// Package dom is the page's access to the browser: elements, focus, the clipboard,
// values of inputs and the event loop. Tests replace it by package domtest.
package dom
