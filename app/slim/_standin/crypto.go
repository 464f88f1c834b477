package app

import (
	"errors"
)

// errNoStorage is all that stored, encrypted state gets: this page stores
// nothing in any browser.
var errNoStorage = errors.New("this page stores nothing in the browser")

func encrypt(string, []byte) ([]byte, error) { return nil, errNoStorage }

func decrypt(string, []byte) ([]byte, error) { return nil, errNoStorage }
