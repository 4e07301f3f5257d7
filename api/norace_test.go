//go:build !race

package api_test

// raceDetector tells that the test runs several times slower, and takes more memory.
const raceDetector = false
