package paycor

// MaxValue is the most characters of a value that is copied from Paycor.
const MaxValue = maxValue

// Normalize is normalize, for tests.
var Normalize = normalize
