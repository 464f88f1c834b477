package form

// IsDirty reports whether anything was typed.
func (d *Dialog) IsDirty() bool { return d.dirty }

// IsConfirming reports whether the question about discarding is shown.
func (d *Dialog) IsConfirming() bool { return d.confirming }

// Input handles the input event of a control.
func (d *Dialog) Input(id string) { d.input(id) }
