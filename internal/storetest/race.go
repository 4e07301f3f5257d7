//go:build race

package storetest

// RaceDetector tells that a test runs several times slower, and takes more memory.
const RaceDetector = true
