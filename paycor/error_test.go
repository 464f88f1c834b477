package paycor_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

func TestErrors(t *testing.T) {
	plain := paycor.Errorf(paycor.KindNotFound, "error.site-exists", "c1")
	caused := &paycor.Error{Kind: paycor.KindUnavailable, Message: message.Text("Try again."), Err: io.ErrUnexpectedEOF}

	assert.EqualError(t, plain, "error.site-exists (c1)")
	assert.EqualError(t, caused, "Try again.: unexpected EOF")
	assert.ErrorIs(t, caused, io.ErrUnexpectedEOF)

	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(plain))
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(fmt.Errorf("saving: %w", caused)))
	assert.Equal(t, paycor.Kind(""), paycor.KindOf(errors.New("other")))
	assert.Equal(t, paycor.Kind(""), paycor.KindOf(nil))
}
