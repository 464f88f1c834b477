package h1

import (
	"errors"
	"io"
	"net"
)

// Errors of a response that cannot be used. Do also returns network errors,
// io.EOF and io.ErrUnexpectedEOF as they are.
var (
	ErrMalformed       = errors.New("malformed response")
	ErrHeaderTooLarge  = errors.New("the response headers are too large")
	ErrProtocolSwitch  = errors.New("the server switched protocols without being asked")
	ErrTooManyInterims = errors.New("too many interim responses")
)

// sanitize replaces errors that quote what came over the connection, such as
// those of http.ReadResponse. A token could be in it, and errors are logged.
func sanitize(err error) error {
	var network net.Error
	switch {
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, ErrHeaderTooLarge), err == ErrProtocolSwitch, err == ErrTooManyInterims:
		return err
	}
	return ErrMalformed
}
