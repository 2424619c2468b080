<?php
// The settings of upload.php. This file goes into the folder above the web root, where no browser
// reaches it. Only its owner may read it: chmod 600.
return [
    'server' => 'https://face.example.com', // the model host
    'key' => 'KEY', // this relay's line in relays.conf on the model host
    'seconds' => 50, // for a request in all, with the upload from the phone
];
