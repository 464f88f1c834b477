// Package domtest is a document for component tests: it records what a component
// does to the browser.
package domtest
