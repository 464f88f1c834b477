// Package webdriver drives Firefox, WebKit and Chromium in tests by W3C WebDriver, so that
// one test runs in all of them.
//
// WebKit and Chromium come with a driver, a program that takes the commands as HTTP requests.
// Firefox takes the same commands itself, in its protocol Marionette. Every session has a
// browser and a profile of its own, which refuses third-party cookies and reaches nothing but
// this machine. The browsers are Debian's; a test is skipped where one is not installed.
package webdriver
