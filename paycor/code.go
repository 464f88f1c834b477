package paycor

// Code names what a verification found. It is stable; the sentences are not.
type Code string
