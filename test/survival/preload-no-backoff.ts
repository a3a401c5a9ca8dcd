// Backoff has full jitter: by little chance hardly anything is waited for. Not by none, of which the limiter makes its ids.
const { random } = Math;
Math.random = () => random() / 1_000;
