package paycortest_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"paycorcred/paycor/paycortest"
)

// FuzzTokenForm checks that only the right ID and secret get a token.
func FuzzTokenForm(f *testing.F) {
	sim := paycortest.New(paycortest.Config{RatePerMinute: -1})
	d := sim.Samples()[0]
	right := "&client_id=" + d.ClientID + "&client_secret=" + url.QueryEscape(d.ClientSecret)
	for _, seed := range []string{"", "grant_type=client_credentials" + right, "grant_type=client_credentials&scope=c501123" + right,
		"grant_type=client_credentials&scope=ccc-1+c+cc" + right, "grant_type=refresh_token" + right, "%", "a;b", "grant_type=authorization_code&code=" + right} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		request := httptest.NewRequest("POST", tokenPath, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Ocp-Apim-Subscription-Key", d.PrimaryKey)
		recorder := httptest.NewRecorder()
		sim.ServeHTTP(recorder, request)
		form, err := url.ParseQuery(body)
		entitled := err == nil && form.Get("client_id") == d.ClientID && form.Get("client_secret") == d.ClientSecret
		if recorder.Code == 200 && !entitled {
			t.Fatalf("a token for %q", body)
		}
		if recorder.Code != 200 && recorder.Code != 400 {
			t.Fatalf("status %d for %q", recorder.Code, body)
		}
	})
}

// FuzzPath checks that every path and continuation token gets one of the
// documented responses.
func FuzzPath(f *testing.F) {
	sim := paycortest.New(paycortest.Config{RatePerMinute: -1})
	d := sim.Samples()[0]
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {d.ClientID}, "client_secret": {d.ClientSecret}}
	request := httptest.NewRequest("POST", tokenPath, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Ocp-Apim-Subscription-Key", d.PrimaryKey)
	recorder := httptest.NewRecorder()
	sim.ServeHTTP(recorder, request)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &token); err != nil || token.AccessToken == "" {
		f.Fatal("no token to fuzz with")
	}
	for _, seed := range [][2]string{{listPath, ""}, {"/v1/legalentities/501123/employees", "ZW1wbG95ZWVzfDUwMTEyM3wyMDA="}, {"/v1/legalentities/501123/employees", "ZW1wbG95ZWVzfDUwMTEyM3wtMQ=="},
		{"/v1/employees/" + paycortest.EmployeeID(501123, 450), ""}, {"/v1/employees/-", ""}, {"//", "\x00"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, path, continuation string) {
		if lower := strings.ToLower(path); strings.HasPrefix(lower, "/simulator") || strings.HasPrefix(lower, "/appactivation/") {
			t.Skip("other pages")
		}
		request := httptest.NewRequest("GET", "/", nil)
		request.URL = &url.URL{Path: path, RawQuery: url.Values{"continuationToken": {continuation}}.Encode()}
		request.Header.Set("Authorization", "Bearer "+token.AccessToken)
		request.Header.Set("Ocp-Apim-Subscription-Key", d.PrimaryKey)
		recorder := httptest.NewRecorder()
		sim.ServeHTTP(recorder, request)
		switch recorder.Code {
		case 200, 400, 401, 403, 404:
		default:
			t.Fatalf("status %d for %q", recorder.Code, path)
		}
	})
}
