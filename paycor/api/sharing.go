package api

import (
	"context"

	"paycorcred/paycor"
)

// SharingService changes who may use a credential.
type SharingService interface {
	// Share restricts a credential to people and groups, or with nil lifts the
	// restriction. It needs the right edit. ifMatch is an ETag, or empty for any
	// version. KindInvalid if the caller would lose access.
	Share(ctx context.Context, id string, sharing *paycor.Sharing, ifMatch string) (paycor.Credential, error)
}
