// Package e2e holds the tests that play a person in a real browser against
// the real program, and the measurements of what that person waits for.
//
// There is nothing to import here: all of it is tests. They build the program
// once, start it for each test with a data directory of its own, and act on
// the page by roles and accessible names, as somebody does who listens to it.
// Of this house they import only paycor and the simulator's package, for the
// lists of values; everything else goes through the program's own doors.
package e2e
