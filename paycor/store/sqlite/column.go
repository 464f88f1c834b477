package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// stampLayout has a fixed width, so that text order is time order.
const stampLayout = "2006-01-02T15:04:05.000000000Z"

// stamp is a time as a column holds it: exact, in UTC, and empty where there
// is none.
type stamp time.Time

// Value is the driver's way to write a stamp.
func (s stamp) Value() (driver.Value, error) {
	at := time.Time(s).UTC()
	if at.IsZero() {
		return "", nil
	}
	if year := at.Year(); year < 0 || year > 9999 {
		return nil, fmt.Errorf("a time in the year %d cannot be stored", year)
	}
	return at.Format(stampLayout), nil
}

// Scan is the driver's way to read a stamp. NULL, where a row is missing,
// reads as no time.
func (s *stamp) Scan(column any) error {
	text, ok := column.(string)
	if !ok && column != nil {
		return fmt.Errorf("a time is stored as %T", column)
	}
	*s = stamp{}
	if text == "" {
		return nil
	}
	at, err := time.Parse(stampLayout, text)
	if err != nil {
		return fmt.Errorf("reading a stored time: %w", err)
	}
	*s = stamp(at)
	return nil
}

// document is a value as a column holds it in JSON. Its nil is NULL.
type document[T any] struct{ value *T }

func documentOf[T any](value *T) document[T] { return document[T]{value} }

// Value is the driver's way to write a document.
func (d document[T]) Value() (driver.Value, error) {
	if d.value == nil {
		return nil, nil
	}
	text, err := json.Marshal(d.value)
	return string(text), err
}

// Scan is the driver's way to read a document.
func (d *document[T]) Scan(column any) error {
	d.value = nil
	if column == nil {
		return nil
	}
	text, ok := column.(string)
	if !ok {
		return fmt.Errorf("a document is stored as %T", column)
	}
	d.value = new(T)
	return json.Unmarshal([]byte(text), d.value)
}

// or returns the value, or T's zero where there is none.
func (d document[T]) or() T {
	if d.value == nil {
		var zero T
		return zero
	}
	return *d.value
}

// listOf makes a document of a list whose empty form is NULL.
func listOf[S ~[]E, E any](list S) document[S] {
	if len(list) == 0 {
		return document[S]{}
	}
	return document[S]{&list}
}
