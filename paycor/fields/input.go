package fields

// Input is the control by which a form takes the value of a field.
type Input int

// The controls.
const (
	InputText   Input = iota // one line
	InputLines               // several lines
	InputSecret              // masked, never shown again
	InputChoice              // one of a list
	InputNumber              // digits
	InputDate                // a calendar day
	InputTags                // words separated by commas
)
