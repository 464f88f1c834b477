//go:build !js

package paycor

import "log/slog"

// LogValue keeps slog from printing the value. The page does not use slog and is smaller
// without it; there, too, its handlers would print what MarshalText and MarshalJSON return.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
