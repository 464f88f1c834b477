// Package protocol is what paycorcred says to paycorcred-kms, the program that asks the KMS
// of a cloud. The libraries of the clouds are in that program only.
//
// The program runs for one Request, which is one JSON value on its standard input, and
// writes one Response to its standard output. What it writes to standard error is for
// people. It exits with 0 if there is a Response.
package protocol

// Version is of this protocol. A program refuses another one.
const Version = 1

// Operation is what a KMS is asked for.
type Operation string

const (
	Encrypt Operation = "encrypt"
	Decrypt Operation = "decrypt"
)

// Request asks for one operation. Binary values are in base64.
type Request struct {
	Version        int       `json:"version"`
	Operation      Operation `json:"operation"`
	Key            string    `json:"key"` // URL
	Text           []byte    `json:"text"`
	AssociatedData []byte    `json:"associated_data"`
}

// Response has what was encrypted or decrypted, or an Error.
type Response struct {
	Version int    `json:"version"`
	Text    []byte `json:"text,omitempty"`
	Error   *Error `json:"error,omitempty"`
}

// Code says what kind of error it is.
type Code string

const (
	Denied      Code = "denied"      // no valid credentials, or they may not use the key
	Missing     Code = "missing"     // there is no such key, or it is disabled or of another kind
	Unreachable Code = "unreachable" // the KMS did not answer
	Rejected    Code = "rejected"    // the key did not encrypt the text, or not for this associated data
	Unsupported Code = "unsupported" // another version of this protocol, or an unknown kind of key
	Failed      Code = "failed"      // anything else
)

// Error says why there is no result. Text is what the KMS or its library said.
type Error struct {
	Code Code   `json:"code"`
	Text string `json:"text"`
}

func (e *Error) Error() string { return e.Text }
