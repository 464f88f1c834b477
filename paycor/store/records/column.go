package records

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// timestampLayout has a fixed width, so that text sorts by time.
const timestampLayout = "2006-01-02T15:04:05.000000000Z"

// Timestamp is a time in a column: text in UTC with nanoseconds, empty for the zero
// time.
type Timestamp time.Time

// Value implements driver.Valuer.
func (s Timestamp) Value() (driver.Value, error) {
	at := time.Time(s).UTC()
	if at.IsZero() {
		return "", nil
	}
	if year := at.Year(); year < 0 || year > 9999 {
		return nil, fmt.Errorf("a time in the year %d cannot be stored", year)
	}
	return at.Format(timestampLayout), nil
}

// timestampText returns a time as it is stored.
func timestampText(at time.Time) string {
	value, _ := Timestamp(at).Value()
	text, _ := value.(string)
	return text
}

// Scan implements sql.Scanner. NULL, from a missing row, is the zero time.
func (s *Timestamp) Scan(column any) error {
	text, ok := column.(string)
	if !ok && column != nil {
		return fmt.Errorf("a time is stored as %T", column)
	}
	*s = Timestamp{}
	if text == "" {
		return nil
	}
	at, err := time.Parse(timestampLayout, text)
	if err != nil {
		return fmt.Errorf("reading a stored time: %w", err)
	}
	*s = Timestamp(at)
	return nil
}

// JSON is a value in a column as JSON. Nil is NULL.
type JSON[T any] struct{ value *T }

func jsonOf[T any](value *T) JSON[T] { return JSON[T]{value} }

// Value implements driver.Valuer.
func (d JSON[T]) Value() (driver.Value, error) {
	if d.value == nil {
		return nil, nil
	}
	text, err := json.Marshal(d.value)
	return string(text), err
}

// Scan implements sql.Scanner.
func (d *JSON[T]) Scan(column any) error {
	d.value = nil
	if column == nil {
		return nil
	}
	text, ok := column.(string)
	if !ok {
		return fmt.Errorf("JSON is stored as %T", column)
	}
	value := new(T)
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return err
	}
	d.value = value
	return nil
}

// OrZero returns the value, or the zero T for NULL.
func (d JSON[T]) OrZero() T {
	if d.value == nil {
		var zero T
		return zero
	}
	return *d.value
}

// jsonList returns a list as a column. An empty list is NULL.
func jsonList[S ~[]E, E any](list S) JSON[S] {
	if len(list) == 0 {
		return JSON[S]{}
	}
	return JSON[S]{&list}
}

// Lenient reads a column of which a damaged value counts as none, so that one bad row
// does not keep a whole list from being read.
type Lenient struct{ sql.Scanner }

// Scan implements sql.Scanner.
func (l Lenient) Scan(column any) error {
	_ = l.Scanner.Scan(column) // it leaves its zero value
	return nil
}

// flag returns a condition as 1 or 0. The tables of lists and searches have numbers, which
// statements compare with numbers.
func flag(condition bool) int {
	if condition {
		return 1
	}
	return 0
}

// nonNil keeps nil from being stored, or compared, as NULL.
func nonNil(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
