<?php
// Passes photos on to the model host, from a host that has PHP and little else; see README.md.
// /upload.php is the service's /upload, and /upload.php/v1/faces its /v1/faces.
declare(strict_types=1);

const REQUEST_BYTES = 10304 * 1024; // the service's own limit
const ANSWER_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
const CONNECT_SECONDS = 5;
const FORWARDED = ['Accept', 'Authorization', 'traceparent'];
const PASSED = ['content-type', 'retry-after', 'x-request-id', 'cache-control', 'www-authenticate', 'allow'];

ini_set('display_errors', '0');
ini_set('log_errors', '1'); // our own
ini_set('default_charset', ''); // PHP would add it to Content-Type
header_remove('X-Powered-By');
// PHP copies what we read of a body to a file in this folder: in memory, if the host allows it.
if (@is_writable('/dev/shm')) {
    putenv('TMPDIR=/dev/shm');
}
set_exception_handler(function (Throwable $error) {
    error_log('yanling relay: ' . $error->getMessage());
    problem(500, 'internal', 'Something went wrong on our side.');
});
relay();

function relay(): void
{
    if (!in_array($_SERVER['REQUEST_METHOD'], ['GET', 'POST'])) {
        header('Allow: GET, POST');
        problem(405, 'method_not_allowed', 'This method does not work here.');
    }
    if (isset($_SERVER['HTTP_TRANSFER_ENCODING']) && empty($_SERVER['CONTENT_LENGTH'])) {
        problem(411, 'bad_request', 'Send the body with a Content-Length, not in chunks.'); // PHP sees none
    }
    if ((int) ($_SERVER['CONTENT_LENGTH'] ?? 0) > REQUEST_BYTES) {
        problem(413, 'too_large', 'The photo is larger than 10 MB.');
    }
    $settings = require dirname($_SERVER['DOCUMENT_ROOT']) . '/yanling-relay.php';
    $curl = curl_init($settings['server'] . path());
    $headers = [];
    $body = '';
    curl_setopt_array($curl, request($settings) + [
        CURLOPT_PROTOCOLS => CURLPROTO_HTTPS,
        CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
        CURLOPT_CONNECTTIMEOUT => CONNECT_SECONDS,
        CURLOPT_TIMEOUT => $settings['seconds'],
        CURLOPT_HEADERFUNCTION => function ($curl, $line) use (&$headers) {
            [$name, $value] = explode(':', $line, 2) + [1 => ''];
            $headers[strtolower($name)] = trim($value);
            return strlen($line);
        },
        CURLOPT_WRITEFUNCTION => function ($curl, $piece) use (&$body) {
            $body .= $piece;
            return strlen($body) > ANSWER_BYTES ? 0 : strlen($piece);
        },
    ]);
    if (!curl_exec($curl)) {
        failed($curl);
    }
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if (!is_answer($status, $headers['content-type'] ?? '', $body)) {
        error_log("yanling relay: {$settings['server']} answers $status, but not as the service does");
        problem(502, 'busy', 'The service does not answer as it should; try again later.', 5);
    }
    http_response_code($status);
    foreach (array_intersect_key($headers, array_flip(PASSED)) as $name => $value) {
        header(ucwords($name, '-') . ": $value");
    }
    echo $body;
}

/** The service's path that the client means, with the query. */
function path(): string
{
    [$path, $query] = explode('?', $_SERVER['REQUEST_URI'], 2) + [1 => ''];
    if (!preg_match('#/(upload(\.php)?|v1/faces)$#', $path, $found)) {
        problem(404, 'not_found', 'There is nothing at this address.');
    }
    $query = preg_replace('/[^!-~]/', '', $query);
    return ($found[1] === 'v1/faces' ? '/v1/faces' : '/upload') . ($query === '' ? '' : "?$query");
}

/** cURL's options for the client's request. */
function request(array $settings): array
{
    $headers = [
        'X-Relay-Key: ' . $settings['key'],
        'X-Client-Address: ' . $_SERVER['REMOTE_ADDR'],
        'Expect:', // do not wait before sending the body
    ];
    foreach (FORWARDED as $name) {
        $key = 'HTTP_' . strtoupper($name);
        $value = $_SERVER[$key] ?? $_SERVER["REDIRECT_$key"] ?? null; // the second: Apache
        if ($value !== null) {
            $headers[] = "$name: $value";
        }
    }
    $options = isset($settings['ca']) ? [CURLOPT_CAINFO => $settings['ca']] : [];
    if ($_SERVER['REQUEST_METHOD'] === 'GET') {
        return $options + [CURLOPT_HTTPHEADER => $headers];
    }
    $type = $_SERVER['CONTENT_TYPE'] ?? '';
    $input = fopen('php://input', 'rb');
    $piece = (string) fread($input, PIECE_BYTES);
    if ($piece === '' && str_starts_with(strtolower($type), 'multipart/form-data')) {
        return $options + [CURLOPT_HTTPHEADER => $headers, CURLOPT_POSTFIELDS => form()];
    }
    $headers[] = "Content-Type: $type"; // without a type, cURL sends none either
    return $options + [
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_CUSTOMREQUEST => 'POST',
        CURLOPT_UPLOAD => true,
        CURLOPT_INFILESIZE => (int) ($_SERVER['CONTENT_LENGTH'] ?? 0),
        CURLOPT_READFUNCTION => function ($curl, $file, $length) use ($input, &$piece) {
            $piece = $piece === '' ? (string) fread($input, $length) : $piece;
            [$sent, $piece] = [substr($piece, 0, $length), substr($piece, $length)];
            return $sent;
        },
    ];
}

/** The photo of a form that PHP has read itself, where .user.ini has no effect. */
function form(): array
{
    $file = $_FILES['file'] ?? ['error' => UPLOAD_ERR_NO_FILE];
    $limit = ini_get('upload_max_filesize');
    return match ($file['error']) {
        UPLOAD_ERR_OK => ['file' => new CURLFile($file['tmp_name'], $file['type'], 'photo')],
        UPLOAD_ERR_NO_FILE => ['none' => ''], // the service says what is missing
        UPLOAD_ERR_INI_SIZE => problem(413, 'too_large', "The host that passes photos on takes no more than $limit."),
        UPLOAD_ERR_PARTIAL => problem(400, 'bad_request', 'The body breaks off before its last boundary.'),
        default => problem(503, 'busy', 'The server has no room for the photo now; try again soon.', 5),
    };
}

/** Whether the service can have answered this: a host's error page, for instance, is no answer. */
function is_answer(int $status, string $type, string $body): bool
{
    if ($status < 200 || intdiv($status, 100) === 3) {
        return false;
    }
    return match (trim(explode(';', $type)[0])) {
        'application/json', 'application/problem+json' => json_decode($body) !== null,
        'image/jpeg' => $status === 200,
        'text/plain' => $body === '-1' || $_SERVER['REQUEST_METHOD'] === 'GET',
        default => false,
    };
}

/** Answers for a model host that did not. */
function failed(CurlHandle $curl): void
{
    $reason = curl_errno($curl);
    error_log('yanling relay: ' . curl_error($curl));
    if ($reason === CURLE_WRITE_ERROR) {
        problem(502, 'busy', 'The service does not answer as it should; try again later.', 5);
    }
    if ($reason === CURLE_OPERATION_TIMEDOUT && curl_getinfo($curl, CURLINFO_PRETRANSFER_TIME) > 0) {
        problem(504, 'timeout', 'The answer took too long; try again.');
    }
    problem(503, 'busy', 'The service is busy or restarting; try again in a few seconds.', 5);
}

/** Ends with an error in the service's own form; `$wait`: seconds for Retry-After. */
function problem(int $status, string $code, string $detail, int $wait = 0): void
{
    $titles = [
        400 => 'Bad Request', 404 => 'Not Found', 405 => 'Method Not Allowed', 411 => 'Length Required',
        413 => 'Request Entity Too Large', 500 => 'Internal Server Error', 502 => 'Bad Gateway',
        503 => 'Service Unavailable', 504 => 'Gateway Timeout',
    ];
    $id = bin2hex(random_bytes(16));
    http_response_code($status);
    header('Content-Type: application/problem+json');
    header("X-Request-ID: $id");
    if ($wait) {
        header("Retry-After: $wait");
    }
    exit(json_encode([
        'type' => "urn:yanling:problem:$code", 'title' => $titles[$status], 'status' => $status,
        'detail' => $detail, 'code' => $code, 'request_id' => $id,
    ]));
}
