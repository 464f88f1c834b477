package main

import (
	"context"
	"errors"

	"github.com/aws/smithy-go"
	"github.com/tink-crypto/tink-go-awskms/v3/integration/awskms"
	"github.com/tink-crypto/tink-go/v2/tink"

	"paycorcred/paycor/kms/protocol"
)

// aws is AWS KMS. It binds associated data as the encryption context.
type aws struct{ tink.AEADWithContext }

func openAWS(ctx context.Context, arn string) (service, error) {
	opened, err := awskms.NewAEADWithContext(ctx, arn)
	if err != nil {
		return nil, &protocol.Error{Code: protocol.Denied, Text: err.Error()} // such as a profile that is missing
	}
	return aws{opened}, nil
}

func (aws) code(err error) protocol.Code {
	said, is := errors.AsType[smithy.APIError](err)
	if !is {
		if _, is := errors.AsType[*smithy.SerializationError](err); is {
			return protocol.Failed
		}
		return unreachedCode(err)
	}
	switch said.ErrorCode() {
	case "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException",
		"IncompleteSignature", "InvalidClientTokenId", "MissingAuthenticationToken", "OptInRequired":
		return protocol.Denied
	case "NotFoundException", "DisabledException", "KMSInvalidStateException", "InvalidKeyUsageException", "KeyUnavailableException", "InvalidArnException":
		return protocol.Missing
	case "InvalidCiphertextException", "IncorrectKeyException":
		return protocol.Rejected
	case "DependencyTimeoutException", "ThrottlingException":
		return protocol.Unreachable
	}
	return protocol.Failed
}
