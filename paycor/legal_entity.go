package paycor

import (
	"errors"
	"math"
	"strconv"
)

// MaxLegalEntityID is the largest Legal Entity ID: Paycor's is an int32.
const MaxLegalEntityID = math.MaxInt32

// Why a text is not a Legal Entity ID.
var (
	errNotInteger = errors.New("a Legal Entity ID is a whole number written in digits")
	errOutOfRange = errors.New("a Legal Entity ID lies between 1 and 2147483647")
)

// LegalEntityID returns the typed number, 1 to 2147483647.
func (t TypedID) LegalEntityID() (int32, error) {
	for _, r := range t {
		if r < '0' || r > '9' {
			return 0, errNotInteger
		}
	}
	if t == "" {
		return 0, errNotInteger
	}
	number, err := strconv.ParseInt(string(t), 10, 32)
	if err != nil || number < 1 {
		return 0, errOutOfRange
	}
	return int32(number), nil
}
