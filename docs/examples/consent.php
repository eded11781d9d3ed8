<?php
/*
 * Tell Courrielleur of consent: as it is given, as it is taken back, or from a file of any size.
 *
 *     export COURRIELLEUR_URL=https://console.example.com COURRIELLEUR_KEY=…
 *     php consent.php tell marie@example.com
 *     php consent.php withdraw marie@example.com
 *     php consent.php send inscriptions.csv
 *
 * Nothing but PHP's own streams (8.1 or later): copy what you need.
 */
declare(strict_types=1);

const PIECE = 8 * 1024 * 1024; // bytes sent at once
const TRIES = 10;              // of a piece whose connection breaks

/** Return [status, headers by lower-case name, body]; status 0 when the connection broke. */
function call(string $method, string $address, ?string $body = null, array $headers = []): array
{
    $url = str_starts_with($address, 'http') ? $address : getenv('COURRIELLEUR_URL') . $address;
    $headers[] = 'Authorization: Bearer ' . getenv('COURRIELLEUR_KEY');
    $options = ['method' => $method, 'header' => $headers, 'timeout' => 60, 'ignore_errors' => true];
    if ($body !== null) {
        $options['content'] = $body;
        $options['header'][] = 'Content-Length: ' . strlen($body);
    }
    $http_response_header = [];
    $answer = @file_get_contents($url, false, stream_context_create(['http' => $options]));
    $told = [];
    $status = 0;
    foreach ($http_response_header as $line) {
        if (preg_match('~^HTTP/\S+ (\d{3})~', $line, $match)) {
            $status = (int) $match[1];
        } elseif (str_contains($line, ':')) {
            [$name, $value] = explode(':', $line, 2);
            $told[strtolower($name)] = trim($value);
        }
    }
    return [$answer === false ? 0 : $status, $told, (string) $answer];
}

/** Return the answer's body; stop with what was wrong, which its body says in words. */
function must(array $answer): array
{
    if ($answer[0] < 200 || $answer[0] >= 300) {
        fwrite(STDERR, $answer[2] . PHP_EOL);
        exit(1);
    }
    return $answer;
}

/** Tell a consent at the moment of sign-up. The same record again is the same, so repeat it without fear. */
function tell(string $email): string
{
    $now = new DateTimeImmutable('now', new DateTimeZone('UTC'));
    $record = [
        'id' => 'signup-' . $now->format('U.u'), // better: your own number of this sign-up
        'email' => $email,
        'method' => 'single_opt_in',
        'consented_at' => $now->format(DATE_ATOM),
        'ip' => '192.0.2.17', // $_SERVER['REMOTE_ADDR']
        'user_agent' => 'Mozilla/5.0',
        'form_url' => 'https://www.example.com/infolettre',
        'form_version' => '2026-11',
        'wording' => 'Je veux recevoir l’infolettre mensuelle.',
    ];
    $json = ['Content-Type: application/json'];
    return must(call('POST', '/api/v1/consent-records', json_encode($record), $json))[2];
}

/** Tell that a consent was taken back: the address is on the suppression list at once. */
function withdraw(string $email): string
{
    $said = json_encode(['recipients' => [$email], 'how' => 'link in the mail']);
    return must(call('POST', '/api/v1/consent-withdrawals', $said, ['Content-Type: application/json']))[2];
}

/** Send a file of records in pieces, on after each interruption, and return what became of it (tus 1.0.0). */
function send(string $path): string
{
    $size = filesize($path);
    $metadata = 'filename ' . base64_encode(basename($path)) . ',sha256 ' . base64_encode(hash_file('sha256', $path));
    $begin = ["Upload-Length: $size", "Upload-Metadata: $metadata"];
    $address = must(call('POST', '/api/v1/consent-uploads', '', $begin))[1]['location'];
    $tries = 0;
    while (($offset = (int) must(call('HEAD', $address))[1]['upload-offset']) < $size) {
        $piece = file_get_contents($path, false, null, $offset, PIECE);
        $kind = ['Content-Type: application/offset+octet-stream', "Upload-Offset: $offset"];
        $answer = call('PATCH', $address, $piece, $kind);
        if ($answer[0] === 0 && ++$tries < TRIES) {
            sleep(2 ** $tries);
        } elseif ($answer[0] !== 409) { // 409: more came through than we knew
            must($answer);
            $tries = 0;
        }
    }
    return must(call('GET', $address))[2];
}

echo match ($argv[1] ?? '') {
    'tell' => tell($argv[2]),
    'withdraw' => withdraw($argv[2]),
    'send' => send($argv[2]),
}, PHP_EOL;
