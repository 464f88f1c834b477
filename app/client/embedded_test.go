package client

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// Nobody signs in from a frame, so the usual error would send people to a page
// where they have no account.
func TestUnauthorizedFrameNamesTheEmbeddingPage(t *testing.T) {
	_, err := explainUnauthorized(Response{Status: 401}, nil)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	assert.Equal(t, message.New("fail.frame"), ErrorMessage(err))
	response, err := explainUnauthorized(Response{Status: 403}, nil)
	assert.NoError(t, err)
	assert.Equal(t, 403, response.Status)
	_, err = explainUnauthorized(Response{}, ErrOffline)
	assert.ErrorIs(t, err, ErrOffline)
}
