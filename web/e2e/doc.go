// Package e2e tests the program in a real browser, as a person uses it, and
// measures how long that person waits. Most tests use a tab of Chromium. Those
// that run in Firefox and WebKit too use a window, through W3C WebDriver.
//
// The package has no code of its own. Its tests build the program once, start
// it for each test with a separate data directory, and find elements by role
// and accessible name, as a screen reader does. They import only paycor and the
// simulator's package, for lists of values. Everything else goes through HTTP
// and the command line.
package e2e
